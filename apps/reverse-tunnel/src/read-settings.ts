import { BlockList } from 'node:net';
import { availableParallelism } from 'node:os';
import type { SettingValues } from '@fogbow/plugin-contracts';
import { NETWORKS_FAULT, networksOf } from '@fogbow/service-runtime';
import type { PortRange } from './ports/port-table.js';
import { readPorts } from './ports/read-ports.js';
import type { StrangerLimits } from './control/strangers.js';
import type { GrantLimits } from './grants/stored-grant.js';
import { readWebConfig, webFaults } from './web/web-config.js';
import type { WebConfig } from './web/web-config.js';

/** The settings of TUNNEL_SETTINGS with their types; durations are milliseconds. */
export interface TunnelConfig {
  readonly ssh: { readonly host: string; readonly port: number; readonly hostKeyFile: string; readonly keepaliveMs: number };
  readonly ports: PortRange & { readonly host: string; readonly restMs: number };
  readonly publicHost: string;
  readonly dialHost: string;
  readonly dialPort?: number;
  readonly redis: { readonly url: string; readonly prefix: string };
  readonly http: { readonly host: string; readonly port: number };
  readonly login: StrangerLimits & { readonly graceMs: number; readonly secretTries: number; readonly penalties: boolean; readonly exempt: BlockList };
  /** Processes for the sessions; 0: this one. */
  readonly workers: number;
  readonly drainMs: number;
  readonly auditFile?: string;
  /** What a grant may that says nothing else. */
  readonly grantLimits: Required<GrantLimits>;
  readonly servicesPerMachine: number;
  readonly web?: WebConfig;
}

const MOST_SERVICES = 16;

export function readSettings(values: SettingValues): TunnelConfig {
  const text = (name: string): string => String(values[name]);
  const number = (name: string): number => Number(values[name]);
  return {
    ssh: { host: text('ssh.host'), port: number('ssh.port'), hostKeyFile: text('ssh.hostKeyFile'), keepaliveMs: number('ssh.keepalive') },
    ports: { host: text('ports.host'), from: number('ports.from'), to: number('ports.to'), reserved: reservedOf(values) ?? new Set(), restMs: number('ports.rest') },
    publicHost: text('publicHost'),
    dialHost: text('dialHost'),
    ...(values['dialPort'] === undefined ? {} : { dialPort: number('dialPort') }),
    redis: { url: text('redis.url'), prefix: text('redis.prefix') },
    http: { host: text('http.host'), port: number('http.port') },
    login: {
      graceMs: number('limits.loginGrace'),
      secretTries: number('limits.secretTries'),
      unauthenticated: number('limits.unauthenticated'),
      unauthenticatedPerAddress: number('limits.unauthenticatedPerAddress'),
      penalties: values['limits.penalties'] === true,
      exempt: networksOf(values['limits.penaltyExempt']) ?? new BlockList(),
    },
    workers: values['workers'] === undefined ? availableParallelism() : number('workers'),
    drainMs: number('drain.deadline'),
    ...(values['audit.file'] === undefined ? {} : { auditFile: text('audit.file') }),
    grantLimits: {
      services: MOST_SERVICES, connections: number('limits.connectionsPerTunnel'), bytesPerSecond: number('limits.bytesPerSecond'), idleSeconds: number('limits.idleTime') / 1000,
    },
    servicesPerMachine: number('limits.servicesPerMachine'),
    ...readWebConfig(values),
  };
}

const reservedOf = (values: SettingValues): ReadonlySet<number> | undefined => readPorts((values['ports.reserved'] as readonly unknown[] | undefined ?? []).map(String));

/** Faults that no single setting shows. */
export function settingsFaults(values: SettingValues): readonly string[] {
  const { ports, ssh, web } = readSettings(values);
  const faults: string[] = [];
  if (ports.from > ports.to) faults.push(`ports.from (${ports.from}) is greater than ports.to (${ports.to}).`);
  if (ssh.port >= ports.from && ssh.port <= ports.to) faults.push(`ssh.port (${ssh.port}) lies among the public ports.`);
  if (!reservedOf(values)) faults.push('ports.reserved must be ports and ranges such as 20022 or 20100-20199.');
  if (web) faults.push(...webFaults(web, ports));
  if (!networksOf(values['limits.penaltyExempt'])) faults.push(`limits.penaltyExempt ${NETWORKS_FAULT}.`);
  return faults;
}
