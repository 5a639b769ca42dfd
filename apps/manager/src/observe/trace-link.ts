import type { FederationLink } from '@fogbow/messaging';
import { inSpan } from '@fogbow/service-runtime';
import type { Tracing } from '@fogbow/service-runtime';

/** The same link, whose messages are spans: of the asker here, and at the other member of whoever answers, in one trace. */
export function traceLink(link: FederationLink, tracing: Tracing): FederationLink {
  const asked = <T>(message: string, to: string, work: () => Promise<T>): Promise<T> => inSpan(tracing, { name: `message ${message}`, kind: 'client', attributes: { 'fogbow.peer': to } }, work);
  const heard = <T>(message: string, from: string, work: () => Promise<T>): Promise<T> => inSpan(tracing, { name: `message ${message}`, kind: 'server', attributes: { 'fogbow.peer': from } }, work);
  return {
    ...link,
    request: (to, message, payload, options) => asked(message.name, to, () => link.request(to, message, payload, options)),
    post: (to, message, payload, options) => asked(message.name, to, () => link.post(to, message, payload, options)),
    answer: (to, message, id, outcome) => asked(`answer ${message.name}`, to, () => link.answer(to, message, id, outcome)),
    handle: (message, handler) => link.handle(message, (from, payload, id) => heard(message.name, from, () => handler(from, payload, id))),
    onLateReply: (message, listener) => link.onLateReply(message, (from, id, outcome) => heard(`answer ${message.name}`, from, async () => await listener(from, id, outcome))),
  };
}
