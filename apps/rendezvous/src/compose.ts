import express from 'express';
import { Gauge } from 'prom-client';
import { createXmppLink, IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import { closeServer, createHttpServer, createMetrics, healthRouter, listen, systemClock } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { createIamaliveHandler } from './announcements/iamalive-handler.js';
import { startSweep } from './announcements/sweep.js';
import { createWhoisaliveHandler } from './announcements/whoisalive-handler.js';
import { membersApi } from './api/members-api.js';
import { createMemberRegistry } from './members/member-registry.js';

/** Resolves with the port of the HTTP server. The table begins empty and fills by the next announcements. */
export async function compose({ values, log, add }: ServiceContext): Promise<number> {
  const clock = systemClock;
  const registry = createMemberRegistry();
  const pageMax = Number(values['pageMax']);
  const admitted = values['admittedMembers'] as readonly string[] | undefined;

  const link = createXmppLink({
    jid: String(values['xmpp.jid']), host: String(values['xmpp.host']), port: Number(values['xmpp.port']), secret: String(values['xmpp.secret']), log,
  });
  link.handle(IAMALIVE, createIamaliveHandler({
    registry, clock, periodMs: Number(values['announcePeriod']), lostAnnouncements: Number(values['lostAnnouncements']), ...(admitted ? { admitted } : {}),
  }));
  link.handle(WHOISALIVE, createWhoisaliveHandler({ registry, clock, pageMax }));
  add({ name: 'xmpp', stop: () => link.stop() });
  await link.start();
  add(startSweep(registry, clock, log));

  const metrics = createMetrics('rendezvous');
  new Gauge({ name: 'fogbow_members', help: 'Members that are alive.', registers: [metrics], collect() { this.set(registry.page({ max: 0 }, pageMax).total); } });
  const health = healthRouter({ xmpp: () => (link.connected() ? undefined : 'not connected to the XMPP server') }, metrics);
  const http = createHttpServer(express().use(health).use(membersApi({ registry, clock, pageMax })));
  const port = await listen(http, String(values['http.host']), Number(values['http.port']));
  add({ name: 'http', stop: () => closeServer(http) });
  log.info('listing members', { port });
  return port;
}
