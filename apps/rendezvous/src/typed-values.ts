import { readFileSync } from 'node:fs';
import type { SettingValues } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { SETTINGS } from './config.js';

/** The configuration as the wiring uses it; times in milliseconds. */
export type RendezvousValues = ReturnType<typeof typedValues>;

export function typedValues(raw: SettingValues) {
  const text = (name: keyof typeof SETTINGS): string => String(raw[name]);
  const number = (name: keyof typeof SETTINGS): number => Number(raw[name]);
  const optional = (name: keyof typeof SETTINGS): string | undefined => (raw[name] === undefined ? undefined : text(name));
  const periodMs = number('announcePeriod');
  return {
    xmpp: { jid: text('xmpp.jid'), host: text('xmpp.host'), port: number('xmpp.port'), secret: text('xmpp.secret'), keepAliveMs: number('xmpp.keepAlive'), tls: raw['xmpp.tls'] === true, ...(raw['xmpp.caFile'] === undefined ? {} : { ca: readFileSync(text('xmpp.caFile'), 'utf8') }) },
    http: { host: text('http.host'), port: number('http.port') },
    redis: { url: optional('redis.url'), prefix: text('redis.prefix') },
    toldPeriodMs: raw['tellPeriod'] === true ? periodMs : undefined,
    timeoutMs: periodMs * number('lostAnnouncements'),
    pageMax: number('pageMax'),
    maxMembers: number('maxMembers'),
    oldStatus: raw['oldStatus'] === true,
    admittedMembers: raw['admittedMembers'] as readonly MemberId[] | undefined,
    admittedFile: optional('admittedFile'),
    screenNeighbours: raw['screenNeighbours'] === true,
    neighbours: {
      list: (raw['neighbours.list'] ?? []) as readonly MemberId[],
      periodMs: number('neighbours.period'), timeoutMs: number('neighbours.timeout'), pageMax: number('neighbours.pageMax'),
    },
  };
}
