import type { SettingValues } from '@fogbow/plugin-contracts';
import type { PortRange } from '../ports/port-table.js';

/** The settings of the web port; durations are milliseconds. */
export interface WebConfig {
  readonly host: string;
  readonly port: number;
  readonly url?: string;
  readonly domain?: string;
  readonly certificates?: { readonly folder: string; readonly reloadMs: number };
  readonly caFile?: string;
  readonly plain: boolean;
  readonly limits: WebLimits;
}

export interface WebLimits {
  readonly apiPerMinute: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly headerMs: number;
  readonly idleMs: number;
}

/** Empty where there is no web port. */
export function readWebConfig(values: SettingValues): { readonly web?: WebConfig } {
  const text = (name: string): string | undefined => (values[name] === undefined ? undefined : String(values[name]));
  const port = values['web.port'];
  if (port === undefined) return {};
  const [url, domain, folder, caFile] = [text('web.url'), text('web.domain'), text('web.certificates'), text('web.ca')];
  return {
    web: {
      host: String(values['web.host']), port: Number(port), plain: values['web.plain'] === true,
      ...(url === undefined ? {} : { url: url.replace(/\/+$/, '') }),
      ...(domain === undefined ? {} : { domain: domain.toLowerCase() }),
      ...(folder === undefined ? {} : { certificates: { folder, reloadMs: Number(values['web.reload']) } }),
      ...(caFile === undefined ? {} : { caFile }),
      limits: {
        apiPerMinute: Number(values['limits.apiPerMinute']),
        connections: Number(values['limits.webConnections']),
        connectionsPerAddress: Number(values['limits.webConnectionsPerAddress']),
        headerMs: Number(values['limits.webHeader']),
        idleMs: Number(values['limits.webIdle']),
      },
    },
  };
}

const DOMAIN = /^(?=.{1,189}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

export function webFaults(web: WebConfig, ports: PortRange): readonly string[] {
  const faults: string[] = [];
  if (web.port >= ports.from && web.port <= ports.to) faults.push(`web.port (${web.port}) lies among the public ports.`);
  if (web.domain !== undefined && !DOMAIN.test(web.domain)) faults.push(`web.domain (${web.domain}) is no domain.`);
  if (!web.certificates && !web.plain && !isLoopback(web.host)) faults.push(`web.port would be open to the world without TLS: set web.certificates, or web.plain where a proxy speaks TLS.`);
  return faults;
}
