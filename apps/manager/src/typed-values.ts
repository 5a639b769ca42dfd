import { readFileSync } from 'node:fs';
import type { SettingValues } from '@fogbow/plugin-contracts';
import { networksOf } from '@fogbow/service-runtime';
import { readClouds } from './clouds/read-clouds.js';
import type { Mapper } from './credentials/map-account.js';
import type { Role, SettingName } from './settings.js';
import type { CapacityUnit } from './sharing/capacity-unit.js';

/** The configuration as the wiring uses it; times in milliseconds. */
export type ManagerValues = ReturnType<typeof typedValues>;

export function typedValues(raw: SettingValues) {
  const { text, optional, number } = reading(raw);
  return {
    raw,
    memberId: text('member.id'),
    processName: text('process.name'),
    roles: raw['process.roles'] as readonly Role[],
    keyFile: text('keyFile'),
    httpHost: text('http.host'),
    httpPort: number('http.port'),
    ...ownPorts(raw),
    operatorQueues: text('operator.queues') as 'off' | 'read' | 'change',
    publicUrl: optional('http.publicUrl'),
    tracingEndpoint: optional('tracing.endpoint'),
    databaseUrl: text('database.url'),
    databaseConnections: number('database.connections'),
    redisUrl: text('redis.url'),
    redisPrefix: text('redis.prefix'),
    ...federation(raw),
    ...tunnel(raw),
    sshUsername: text('ssh.username'),
    cloudMapper: text('cloud.mapper') as Mapper,
    clouds: readClouds(raw),
    cloudTimeoutMs: number('cloud.timeout'),
    flavors: raw['flavors'] as Readonly<Record<string, unknown>>,
    admins: raw['admins'] as readonly string[],
    requestsPerMinute: number('limits.requestsPerMinute'),
    occiExtraResources: raw['occi.extraResources'] as Readonly<Record<string, string>>,
    instancesPerOrder: number('limits.instancesPerOrder'),
    streamsPerUser: number('limits.streamsPerUser'),
    eventHeartbeatMs: number('events.heartbeat'),
    eventSlowAfterMs: number('events.slowAfter'),
    maxFailedBoots: number('limits.failedBoots'),
    placementBatch: number('placement.batch'),
    retryAfterMs: number('placement.retryAfter'),
    bootDeadlineMs: number('placement.bootDeadline'),
    resendAfterMs: number('placement.resendAfter'),
    lostAfterMs: number('placement.lostAfter'),
    giveUpAfterMs: number('placement.giveUpAfter'),
    sharing: { keepRoomForMs: number('placement.keepRoomFor'), maxVictims: number('prioritization.maxVictims'), plugin: text('capacity.plugin'), unit: text('capacity.unit') as CapacityUnit },
    workerDeadAfterMs: number('worker.deadAfter'),
    memberLifeMs: number('members.life'),
    abandonAfterMs: number('members.abandonAfter'),
    orphanGrace: { graceMs: number('orphans.grace'), unknownVolumeGraceMs: number('orphans.volumeGrace') },
    keepFor: { historyMs: number('keep.history'), removalsMs: number('keep.removals'), membersMs: number('keep.members') },
    periods: {
      scheduler: number('periods.scheduler'), release: number('periods.release'), resend: number('periods.resend'), monitor: number('periods.monitor'),
      served: number('periods.served'), announce: number('periods.announce'), tokens: number('periods.tokens'), grants: number('periods.grants'), prune: number('periods.prune'),
      capacity: number('periods.capacity'), measure: number('periods.measure'),
    },
  };
}

const contentOf = (path: unknown): string | undefined => (path === undefined ? undefined : readFileSync(String(path), 'utf8'));

/** A setting as what it is. */
function reading(raw: SettingValues) {
  return {
    text: (name: SettingName): string => String(raw[name]),
    optional: (name: SettingName): string | undefined => (raw[name] === undefined ? undefined : String(raw[name])),
    number: (name: SettingName): number => Number(raw[name]),
  };
}

function federation(raw: SettingValues) {
  const { text, optional, number } = reading(raw);
  return {
    xmpp: xmppServer(raw),
    xmppTimeoutMs: number('xmpp.timeout'),
    federationKeyFile: optional('federation.keyFile'),
    federationPreviousKeyFile: optional('federation.previousKeyFile'),
    acceptUnsigned: text('federation.unsigned') === 'accept',
    rendezvous: optional('rendezvous.jid'),
    rendezvousTellRoom: raw['rendezvous.tellRoom'] === true,
    rendezvousPageSize: number('rendezvous.pageSize'),
  };
}

function tunnel(raw: SettingValues) {
  const { text, optional, number } = reading(raw);
  return {
    tunnelRedisUrl: optional('tunnel.redisUrl'),
    tunnelRedisCa: contentOf(raw['tunnel.redisCaFile']),
    tunnelRedisPrefix: text('tunnel.redisPrefix'),
    tunnelEndpoints: raw['tunnel.endpoints'] as readonly string[],
    tunnelTimeoutMs: number('tunnel.timeout'),
  };
}

function ownPorts(raw: SettingValues) {
  const [certificateFile, keyFile, port] = [raw['http.tls.certificateFile'], raw['http.tls.keyFile'], raw['health.port']];
  return {
    httpTls: certificateFile === undefined ? undefined : { certificateFile: String(certificateFile), keyFile: String(keyFile) },
    proxies: (raw['http.proxyProtocol'] as readonly unknown[]).length > 0 ? networksOf(raw['http.proxyProtocol']) : undefined,
    healthPort: port === undefined ? undefined : Number(port),
    httpDrainMs: Number(raw['http.drain']),
  };
}

/** Undefined: the member stands alone. */
function xmppServer(raw: SettingValues) {
  const common = { secret: String(raw['xmpp.secret']), maxStanza: Number(raw['xmpp.maxStanza']), keepAliveMs: Number(raw['xmpp.keepAlive']) };
  const ca = contentOf(raw['xmpp.caFile']);
  const trust = ca === undefined ? {} : { ca };
  if (raw['xmpp.url'] !== undefined) return { ...common, ...trust, url: String(raw['xmpp.url']) };
  return raw['xmpp.host'] === undefined ? undefined : { ...common, ...trust, host: String(raw['xmpp.host']), port: Number(raw['xmpp.port']), tls: raw['xmpp.tls'] === true };
}
