import { asFogbowError, FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import {
  GETINSTANCE, GETREMOTEUSERQUOTA, IAMALIVE, INSTANCEACTION, INSTANCEBEINGUSED, ORDER, ORDERSTATE, REMOVEINSTANCE, REMOVEORDER, REMOVESTORAGELINK, STORAGELINK, WHOISALIVE,
} from '@fogbow/messaging';
import type { FederationMessage, MessageSender } from '@fogbow/messaging';
import type { SendMessage, SendOutcome } from '@fogbow/queues';
import { toSentError } from './queued-link.js';

const MESSAGES = new Map<string, FederationMessage<unknown, unknown>>([
  GETINSTANCE, GETREMOTEUSERQUOTA, IAMALIVE, INSTANCEACTION, INSTANCEBEINGUSED, ORDER, ORDERSTATE, REMOVEINSTANCE, REMOVEORDER, REMOVESTORAGELINK, STORAGELINK, WHOISALIVE,
].map((message) => [message.name, message as FederationMessage<unknown, unknown>]));

/** Job send-message: says to other members what a process without the link has to say. What nobody waits for any more is not said. */
export function createSendForOthers(options: { readonly link: MessageSender; now(): Date }): (call: SendMessage) => Promise<SendOutcome> {
  return async (call) => {
    try {
      if (new Date(call.until) < options.now()) throw new FogbowError('timeout', 'Nobody waits for this any more.');
      return { reply: await say(options.link, call) };
    } catch (error) {
      return { error: toSentError(isFogbowError(error) ? error : asFogbowError(error)) };
    }
  };
}

async function say(link: MessageSender, { how, to, message: name, id = '', payload, error, timeoutMs }: SendMessage): Promise<unknown> {
  const message = MESSAGES.get(name);
  if (!message) throw new FogbowError('internal', `There is no message ${name}; the processes of this member are of different versions.`);
  switch (how) {
    case 'request': return await link.request(to, message, payload, timeoutMs === undefined ? {} : { timeoutMs });
    case 'post': await link.post(to, message, payload, { id }); return {};
    case 'answer': await link.answer(to, message, id, error ? new FogbowError(error.code as ErrorCode, error.message) : payload); return {};
  }
}
