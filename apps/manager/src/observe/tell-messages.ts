import type { FederationLink, MessageHandler } from '@fogbow/messaging';
import type { Clock, Logger } from '@fogbow/service-runtime';

/** What changes something at a member. The rest is asked all day long, and told in debug lines. */
const DEEDS: readonly string[] = ['order', 'storagelink', 'removeorder', 'removestoragelink', 'removeinstance', 'instanceaction'];

/** The same link, which leaves a line about each message of another member that was answered; the link itself tells of those that were refused. */
export function tellMessages(link: FederationLink, log: Logger, clock: Pick<Clock, 'uptime'>): FederationLink {
  return {
    ...link,
    handle: (message, handler) => link.handle(message, told(message.name, handler)),
    onLateReply: (message, listener) => link.onLateReply(message, async (from, id, outcome) => {
      log.info('another member answered', { about: message.name, from, id, outcome: 'error' in outcome ? outcome.error.code : 'ok' });
      await listener(from, id, outcome);
    }),
  };
  function told<Request, Reply>(message: string, handler: MessageHandler<Request, Reply>): MessageHandler<Request, Reply> {
    const level = DEEDS.includes(message) ? 'info' : 'debug';
    return async (from, payload, id) => {
      const begun = clock.uptime();
      const reply = await handler(from, payload, id);
      log[level]('another member asked', { about: message, from, id, answer: reply === 'later' ? 'later' : 'now', ms: Math.round(clock.uptime() - begun) });
      return reply;
    };
  }
}
