import { readFileSync } from 'node:fs';
import type { TunnelEndpoint, TunnelWeb } from '@fogbow/queues';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Clock, ServiceContext } from '@fogbow/service-runtime';
import { createMachineApi } from '../api/machine-api.js';
import type { GrantDesk } from '../grants/make-grant.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import { openCertificates } from './certificate-store.js';
import type { WebConfig } from './web-config.js';
import { createWebServer } from './web-server.js';
import type { WebServer } from './web-server.js';
import { findWebService } from './web-services.js';

export interface WebParts {
  readonly desk: GrantDesk;
  readonly doorKey: Buffer;
  readonly mostAdded: number;
  readonly clock: Clock;
  /** Counts what was refused. */
  readonly refuse: (reason: RefusalReason) => void;
  /** The tunnel as machines know it, but for what follows from the web port. */
  readonly endpoint: TunnelEndpoint;
}

export interface OpenWeb {
  /** The tunnel as machines are told it. */
  readonly endpoint: TunnelEndpoint;
  /** Nobody comes in any more; who is in stays. */
  closeDoor(): Promise<void>;
}

/** Opens the web port. */
export async function startWeb({ add, log }: ServiceContext, config: WebConfig, parts: WebParts): Promise<OpenWeb> {
  const { desk, doorKey, clock, refuse } = parts;
  const certificates = config.certificates && await openCertificates({ ...config.certificates, clock, log });
  if (certificates) add({ name: 'certificates', stop: () => certificates.stop() });
  // The port is known only when it is open, and nobody knows it before.
  const known = { endpoint: parts.endpoint };
  const server = createWebServer({
    domain: config.domain, limits: config.limits, certificates, doorKey, refuse, log,
    find: (target) => findWebService(desk.store, target),
    api: createMachineApi({
      desk, clock, log, refuse, perMinute: config.limits.apiPerMinute, limits: { mostAdded: parts.mostAdded, hasWeb: config.domain !== undefined },
      get endpoint() { return known.endpoint; },
    }),
  });
  add({ name: 'web port', stop: () => server.stop() });
  const port = await listenOrSay(server, config);
  known.endpoint = { ...parts.endpoint, web: toldOf(config, parts.endpoint.dialHost, port) };
  log.info('web port open', { port, tls: certificates !== undefined, names: certificates?.names() });
  return { endpoint: known.endpoint, closeDoor: () => server.closeDoor() };
}

function toldOf({ url, domain, caFile, certificates }: WebConfig, dialHost: string, port: number): TunnelWeb {
  const scheme = certificates ? 'https' : 'http';
  return {
    url: url ?? `${scheme}://${dialHost.includes(':') ? `[${dialHost}]` : dialHost}:${port}`,
    ...(domain === undefined ? {} : { domain }),
    ...(caFile === undefined ? {} : { ca: readCa(caFile) }),
  };
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new FogbowError('unavailable', `The certificate ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

async function listenOrSay(server: WebServer, { host, port }: WebConfig): Promise<number> {
  try {
    return await server.listen(host, port);
  } catch (error) {
    throw new FogbowError('unavailable', `The web port ${port} on ${host} cannot be opened: ${(error as Error).message}`, { cause: error });
  }
}
