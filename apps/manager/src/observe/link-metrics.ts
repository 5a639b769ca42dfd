import { Counter, Gauge, Histogram } from 'prom-client';
import type { Registry } from 'prom-client';
import type { FederationLink, MessageHandler } from '@fogbow/messaging';
import { asFogbowError } from '@fogbow/plugin-contracts';

/** The same link, which counts what it says to other members and what they say, how that ends and how long it takes, and tells whether it is connected at all. */
export function measureLink(link: FederationLink, registry: Registry): FederationLink {
  const registers = [registry];
  const messages = new Counter({ name: 'fogbow_messages_total', help: 'Requests of this process to other members, by their end: ok, sent (an answer comes later), or the code of the error.', labelNames: ['message', 'outcome'], registers });
  const seconds = new Histogram({ name: 'fogbow_message_seconds', help: 'How long other members took to answer requests that were waited for.', labelNames: ['message'], buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], registers });
  const heard = new Counter({ name: 'fogbow_messages_heard_total', help: 'What other members asked of this process, by what they were answered: ok, later, or the code of the error.', labelNames: ['message', 'outcome'], registers });
  const answers = new Counter({ name: 'fogbow_answers_heard_total', help: 'Answers of other members that came later, by what they say: ok, or the code of the error.', labelNames: ['message', 'outcome'], registers });
  void new Gauge({ name: 'fogbow_federation_connected', help: 'Whether this process can speak to other members.', registers, collect() { this.set(link.connected() ? 1 : 0); } });
  const counted = async <T>(counter: Counter, message: string, good: (result: T) => string, work: Promise<T>): Promise<T> => {
    try {
      const result = await work;
      counter.inc({ message, outcome: good(result) });
      return result;
    } catch (error) {
      counter.inc({ message, outcome: asFogbowError(error).code });
      throw error;
    }
  };
  const hear = <Request, Reply>(message: string, handler: MessageHandler<Request, Reply>): MessageHandler<Request, Reply> =>
    (from, payload, id) => counted(heard, message, (reply) => (reply === 'later' ? 'later' : 'ok'), handler(from, payload, id));
  return {
    ...link,
    request: (to, message, payload, options) => {
      const end = seconds.startTimer({ message: message.name });
      return counted(messages, message.name, () => 'ok', link.request(to, message, payload, options)).finally(end);
    },
    post: (to, message, payload, options) => counted(messages, message.name, () => 'sent', link.post(to, message, payload, options)),
    handle: (message, handler) => link.handle(message, hear(message.name, handler)),
    onLateReply: (message, listener) => link.onLateReply(message, (from, id, outcome) => {
      answers.inc({ message: message.name, outcome: 'error' in outcome ? outcome.error.code : 'ok' });
      return listener(from, id, outcome);
    }),
  };
}
