import { asFogbowError, FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { Logger, Timers } from '@fogbow/service-runtime';
import { newId, silentLogger, withCorrelation } from '@fogbow/service-runtime';
import type { FederationLink, MessageSender } from '../federation-link.js';
import { createDispatch, errorAnswer } from './dispatch.js';
import { decodeError } from './error-codec.js';
import { createInFlight } from './in-flight.js';
import type { InFlight } from './in-flight.js';
import { createLateReplies } from './late-replies.js';
import type { LateReplies } from './late-replies.js';
import { originOf, originOfRequest, withOrigin } from './message-origin.js';
import { limitLog } from './limited-log.js';
import { refuseStranger } from './refuse-stranger.js';
import { createShares } from './shares.js';
import { decodeIq, encodeIq } from './stanza.js';
import type { Iq } from './stanza.js';
import type { StanzaTransport } from './stanza-transport.js';
import type { XmlElement } from '../xml/element.js';

export interface LinkOptions {
  readonly jid: MemberId;
  readonly transport: StanzaTransport;
  readonly log?: Logger;
  /** Requests that may wait for their answers at a time, and as many of others that may run here; three quarters of them with one member; default 1000. */
  readonly maxInFlight?: number;
  /** Of the time limits of requests; default: the system's. */
  readonly timers?: Timers;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Answers to posts come in bursts, and each is short work. */
const LATE_FACTOR = 4;

/** The link over any transport: what is sent, what comes back, and to whom it belongs. */
export function createLink(options: LinkOptions): FederationLink {
  const { transport, maxInFlight = 1000 } = options;
  const log = limitLog(options.log ?? silentLogger);
  const jid = options.jid.toLowerCase();
  const inFlight = createInFlight(maxInFlight, options.timers);
  const late = createLateReplies(log);
  const dispatch = createDispatch((error, { from, query, id }) => {
    const { code } = asFogbowError(error);
    // A refusal is the peer's affair; what is no error of the catalogue is ours.
    if (isFogbowError(error)) log.info('refused a message', { from, id, message: query?.namespace, code, reason: error.message });
    else log.error('a message handler failed', { from, id, message: query?.namespace, error });
  });
  const running = new Set<Promise<void>>();
  const shares = createShares(maxInFlight);
  const inTurn = (work: Promise<void>): void => {
    const done: Promise<void> = work.catch((error: unknown) => log.warn('an answer of another member was not taken', { error })).finally(() => running.delete(done));
    running.add(done);
  };
  const answerRequest = async (request: Iq): Promise<void> => {
    const leave = shares.take(request.from);
    const answer = leave ? await dispatch.run(request).finally(leave)
      : { id: request.id, from: jid, to: request.from, ...errorAnswer(request.query?.namespace, new FogbowError('too-many-requests', 'This member is too busy.')) };
    if (!answer) return;
    await sendAnswer(transport, { ...answer, from: jid }, request.query?.namespace)
      .catch((error: unknown) => log.warn('an answer was not sent', { to: request.from, id: request.id, error }));
  };
  const lateShares = createShares(LATE_FACTOR * maxInFlight);
  /** One that is left out is as lost as one that the way has lost: whoever needs it asks again. */
  const takeLate = (answer: Iq): void => {
    const leave = lateShares.take(answer.from);
    if (leave) inTurn(withCorrelation(originOf(answer.query), () => late.deliver(answer)).finally(leave));
    else log.debug('an answer came while too many were being taken', { from: answer.from, id: answer.id });
  };
  const refuse = (stanza: XmlElement): void => {
    log.debug('a stanza that is no IQ of a member', { name: stanza.name, from: stanza.attributes['from'] });
    const refusal = refuseStranger(stanza, jid);
    if (refusal) transport.send(refusal).catch((error: unknown) => log.debug('a stranger was not answered', { error }));
  };
  transport.listen({
    disconnected: () => inFlight.failAll(new FogbowError('unavailable', 'The connection to the XMPP server was lost before the answer came.')),
    stanza(stanza) {
      const iq = decodeIq(stanza);
      if (!iq) refuse(stanza);
      else if (iq.type === 'get' || iq.type === 'set') inTurn(withCorrelation(originOfRequest(iq.query), () => answerRequest(iq)));
      else if (!inFlight.settle(iq)) takeLate(iq);
    },
  });
  return {
    ...createSender({ jid, transport, inFlight, late, inTurn }),
    handle: (message, handler) => dispatch.handle(message, handler),
    onLateReply: (message, listener) => late.listen(message, listener),
    start: () => transport.start(),
    connected: () => transport.connected(),
    async stop() {
      inFlight.failAll(new FogbowError('unavailable', 'This process stops.'));
      await Promise.all(running);
      await transport.stop();
    },
  };
}

interface SenderParts {
  readonly jid: MemberId;
  readonly transport: StanzaTransport;
  readonly inFlight: InFlight;
  readonly late: LateReplies;
  /** Takes care of what a piece of work may throw. */
  inTurn(work: Promise<void>): void;
}

function createSender({ jid, transport, inFlight, late, inTurn }: SenderParts): MessageSender {
  return {
    async request(to, message, payload, { timeoutMs = DEFAULT_TIMEOUT_MS, signal } = {}) {
      const id = newId();
      const stanza = encodeIq({ type: message.iqType, id, from: jid, to, query: withOrigin(message.encodeRequest(payload)) });
      const answered = inFlight.wait(id, to.toLowerCase(), { timeoutMs, signal });
      transport.send(stanza).catch((error: unknown) => inFlight.fail(id, asFogbowError(error)));
      const answer = await answered;
      if (answer.type === 'error') throw decodeError(answer.error);
      return message.decodeReply(answer.query);
    },
    async post(to, message, payload, { id }) {
      late.posted(id, message.namespace);
      try {
        await transport.send(encodeIq({ type: message.iqType, id, from: jid, to, query: withOrigin(message.encodeRequest(payload)) }));
      } catch (error) {
        if (!isUnfit(error)) throw error;
        inTurn(late.deliver({ id, from: to.toLowerCase(), to: jid, ...errorAnswer(message.namespace, error) }));
      }
    },
    async answer(to, message, id, outcome) {
      const answer = isFogbowError(outcome) ? errorAnswer(message.namespace, outcome) : { type: 'result' as const, query: message.encodeReply(outcome) };
      await sendAnswer(transport, { ...answer, query: withOrigin(answer.query), id, from: jid, to }, message.namespace);
    },
  };
}

/** Trying again cannot help: the wire will never carry it. */
const isUnfit = (error: unknown): boolean => ['body-too-large', 'bad-syntax'].includes(asFogbowError(error).code);

/** A result that the wire cannot carry becomes the error that says so: the asker would wait in vain. */
async function sendAnswer(transport: StanzaTransport, answer: Iq, namespace: string | undefined): Promise<void> {
  await transport.send(encodeIq(answer)).catch(async (error: unknown) => {
    if (answer.type !== 'result' || !isUnfit(error)) throw error;
    await transport.send(encodeIq({ id: answer.id, from: answer.from, to: answer.to, ...errorAnswer(namespace, error) }));
  });
}
