import { Gauge } from 'prom-client';
import { createXmppLink } from '@fogbow/messaging';
import type { FederationLink } from '@fogbow/messaging';
import { startJobWorkers } from '@fogbow/queues';
import { noTracing, systemClock } from '@fogbow/service-runtime';
import type { Ground, Substitutes } from './compose-parts.js';
import { noFederation } from './no-federation.js';
import { measureLink } from './observe/link-metrics.js';
import { tellMessages } from './observe/tell-messages.js';
import { traceLink } from './observe/trace-link.js';
import { createElectedLink } from './peers/elected-link.js';
import type { ElectedLink } from './peers/elected-link.js';
import { runForOffice } from './peers/hold-office.js';
import { createQueuedLink } from './peers/queued-link.js';
import { createSendForOthers } from './peers/send-for-others.js';

/** A holder of the link that is frozen, or whose host went without a word, has lost it after so long. One that dies loses it at once. */
const SILENT_AFTER_MS = 15_000;

/** One process of a member holds the link; the others speak through it. No federation stays what it is: others recognise it. */
export function composeLink(ground: Ground, substitutes: Substitutes): FederationLink {
  const { values, queues, metrics } = ground;
  if (!values.xmpp && !substitutes.openLink) return noFederation;
  const queued = createQueuedLink({ queues, timeoutMs: values.xmppTimeoutMs, now: systemClock.now });
  if (!values.roles.includes('federation')) return watched(queued, ground);
  const link = electedLink(ground, queued, substitutes.openLink ?? xmppLinks(ground));
  void new Gauge({ name: 'fogbow_federation_speaker', help: 'Whether this process is the one that speaks for the member.', registers: [metrics], collect() { this.set(link.speaks() ? 1 : 0); } });
  return watched(link, ground);
}

const watched = (link: FederationLink, { metrics, log, tracing }: Ground): FederationLink => tellMessages(measureLink(tracing === noTracing ? link : traceLink(link, tracing), metrics), log, systemClock);

const xmppLinks = ({ values, self, log }: Ground) => (): FederationLink => {
  if (!values.xmpp) throw new Error('There is no XMPP server.');
  return createXmppLink({ jid: self, log, ...values.xmpp });
};

function electedLink({ values, log, redis }: Ground, queued: FederationLink, open: () => FederationLink): ElectedLink {
  return createElectedLink({
    open, queued,
    speak: (link) => startJobWorkers({
      connection: redis.worker, prefix: values.redisPrefix, concurrency: { federation: 64 },
      handlers: { 'send-message': createSendForOthers({ link, now: systemClock.now }) },
      onError: (error) => log.warn('a message for another process failed', { error }),
    }),
    runForOffice: (serve) => runForOffice({
      databaseUrl: values.databaseUrl, silentAfterMs: SILENT_AFTER_MS, clock: systemClock, log,
      async serve(lost) {
        log.info('this process speaks for the member');
        await serve(lost);
        log.info('this process does not speak for the member any more');
      },
    }),
  });
}
