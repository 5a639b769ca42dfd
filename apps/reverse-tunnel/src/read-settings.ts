import type { SettingValues } from '@fogbow/plugin-contracts';
import type { PortRange } from './ports/port-table.js';
import type { LoginLimits } from './sessions/login-gate.js';
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
  readonly login: LoginLimits & { readonly secretTries: number };
  readonly connectionsPerTunnel: number;
  readonly servicesPerMachine: number;
  readonly web?: WebConfig;
}

export function readSettings(values: SettingValues): TunnelConfig {
  const text = (name: string): string => String(values[name]);
  const number = (name: string): number => Number(values[name]);
  return {
    ssh: { host: text('ssh.host'), port: number('ssh.port'), hostKeyFile: text('ssh.hostKeyFile'), keepaliveMs: number('ssh.keepalive') },
    ports: { host: text('ports.host'), from: number('ports.from'), to: number('ports.to'), restMs: number('ports.rest') },
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
    },
    connectionsPerTunnel: number('limits.connectionsPerTunnel'),
    servicesPerMachine: number('limits.servicesPerMachine'),
    ...readWebConfig(values),
  };
}

/** Faults that no single setting shows. */
export function settingsFaults(values: SettingValues): readonly string[] {
  const { ports, ssh, web } = readSettings(values);
  const faults: string[] = [];
  if (ports.from > ports.to) faults.push(`ports.from (${ports.from}) is greater than ports.to (${ports.to}).`);
  if (ssh.port >= ports.from && ssh.port <= ports.to) faults.push(`ssh.port (${ssh.port}) lies among the public ports.`);
  if (web) faults.push(...webFaults(web, ports));
  return faults;
}
