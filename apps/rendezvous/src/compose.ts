import express from 'express';
import { createXmppLink, IAMALIVE, SYNCH_WHOISALIVE, WHOISALIVE } from '@fogbow/messaging';
import { connectRedis } from '@fogbow/queues';
import { closeServer, createHttpServer, createMetrics, healthRouter, listen, systemClock } from '@fogbow/service-runtime';
import type { HealthCheck, Logger, ServiceContext } from '@fogbow/service-runtime';
import { createAdmissionFile } from './admission/admission-file.js';
import { admitAll } from './admission/admission.js';
import type { Admission } from './admission/admission.js';
import { createIamaliveHandler } from './announcements/iamalive-handler.js';
import { createMemberNews } from './announcements/member-news.js';
import { startSweep } from './announcements/sweep.js';
import { createWhoisaliveHandler } from './announcements/whoisalive-handler.js';
import { membersApi } from './api/members-api.js';
import type { MemberTable, MemberTableOptions } from './members/member-table.js';
import { createMemoryMemberTable } from './members/memory-member-table.js';
import { createRedisMemberTable } from './members/redis-member-table.js';
import { createLineBudget } from './observe/line-budget.js';
import { createRendezvousMetrics } from './observe/rendezvous-metrics.js';
import { createAskNeighbour } from './sync/ask-neighbour.js';
import { startGossip } from './sync/gossip.js';
import type { Gossip } from './sync/gossip.js';
import { createSynchHandler } from './sync/synch-handler.js';
import { typedValues } from './typed-values.js';
import type { RendezvousValues } from './typed-values.js';

/** Resolves with the port of the HTTP server. */
export async function compose(context: ServiceContext): Promise<number> {
  const { log, add } = context;
  const values = typedValues(context.values);
  const clock = systemClock;
  const { timeoutMs, maxMembers, neighbours, pageMax, oldStatus } = values;
  const metrics = createMetrics('rendezvous');
  const watch = createRendezvousMetrics(metrics, async () => (await table.page({ max: 0 }, 0)).total);
  // Who is told of it is made before it.
  const started: { gossip?: Gossip } = {};
  const { table, healthy } = openTable(context, values, () => started.gossip?.connected(), {
    timeoutMs, maxMembers,
    onDropped: (members) => {
      watch.dropped(members.length);
      log.info('members are silent and were dropped', { members: members.slice(0, 100), count: members.length });
    },
  });
  const admission = openAdmission(values, log);
  const news = createMemberNews(log, clock);

  const link = createXmppLink({ ...values.xmpp, log, onStatus: (isConnected) => { if (isConnected) started.gossip?.connected(); } });
  link.handle(IAMALIVE, createIamaliveHandler({ table, admission, news, watch, ...(values.toldPeriodMs === undefined ? {} : { periodMs: values.toldPeriodMs }) }));
  link.handle(WHOISALIVE, createWhoisaliveHandler({ table, clock, pageMax, oldStatus, watch }));
  link.handle(SYNCH_WHOISALIVE, createSynchHandler({
    table, neighbours: neighbours.list, pageMax: neighbours.pageMax, timeoutMs, watch, asked: (neighbour) => started.gossip?.heardFrom(neighbour),
  }));
  add({ name: 'xmpp', stop: () => link.stop() });
  await link.start();
  add(startSweep(table, log));
  const ask = createAskNeighbour({
    table, link, pageSize: neighbours.pageMax, timeoutMs: neighbours.timeoutMs, watch, certificateChanged: news.certificateChanged,
    ...(values.screenNeighbours ? { wants: (id: string) => admission.admits(id) } : {}),
  });
  started.gossip = startGossip({ neighbours: neighbours.list, ask, periodMs: neighbours.periodMs, clock, log, watch });
  add(started.gossip);

  const health = healthRouter({ xmpp: () => (link.connected() ? undefined : 'not connected to the XMPP server'), ...healthy }, metrics);
  const http = createHttpServer(express().set('query parser', 'simple').use(health).use(membersApi({ table, clock, pageMax, timeoutMs })));
  const port = await listen(http, values.http.host, values.http.port);
  add({ name: 'http', stop: () => closeServer(http) });
  log.info('listing members', { port });
  return port;
}

/** In Redis where there is one: then restarts keep the members, and processes may take turns. */
function openTable(
  { log, add }: ServiceContext, { redis: { url, prefix } }: RendezvousValues, onReady: () => void, options: MemberTableOptions,
): { table: MemberTable; healthy: Record<string, HealthCheck> } {
  if (url === undefined) return { table: createMemoryMemberTable({ ...options, clock: systemClock }), healthy: {} };
  const mayTell = createLineBudget(systemClock, 2);
  const redis = connectRedis(url, 'producer', (error) => { if (mayTell()) log.warn('Redis does not answer', { error }); });
  redis.on('ready', onReady);
  add({ name: 'redis', stop: () => redis.disconnect() });
  return {
    table: createRedisMemberTable({ ...options, redis, prefix }),
    healthy: { redis: () => (redis.status === 'ready' ? undefined : 'Redis does not answer') },
  };
}

function openAdmission({ admittedFile, admittedMembers }: RendezvousValues, log: Logger): Admission {
  if (admittedFile !== undefined) return createAdmissionFile({ path: admittedFile, also: admittedMembers ?? [], clock: systemClock, log });
  return admittedMembers === undefined ? admitAll : { admits: (id) => admittedMembers.includes(id) };
}
