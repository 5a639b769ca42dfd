import type { Connection, TcpipBindInfo } from 'ssh2';
import type { Logger } from '@fogbow/service-runtime';
import type { StoredGrant } from '../grants/stored-grant.js';
import { decideForward } from './decide-forward.js';
import type { ForwardDecision } from './decide-forward.js';
import { openForward } from './open-forward.js';
import type { Forward, ForwardOptions } from './open-forward.js';
import { answerKnock, LOOPBACK } from './knock.js';
import { waitForSshBanner } from './probe-banner.js';
import type { RefusalReason } from './refusal-reason.js';
import type { SessionChannels } from './session-channels.js';
import type { SessionHost } from './session-host.js';

export interface ServiceStatus {
  readonly name: string;
  readonly port: number;
  /** True once the machine is known to serve it. */
  readonly up: boolean;
  readonly connections: number;
}

/** The public ports that one session holds open. */
export interface SessionServices {
  /** True when the port is open now. */
  open(wanted: TcpipBindInfo): Promise<boolean>;
  close(port: number): void;
  closeAll(): void;
  list(): readonly ServiceStatus[];
  /** Tells the Manager again what is up. */
  announce(): void;
}

export interface ServicesOf {
  readonly client: Connection;
  readonly channels: SessionChannels;
  readonly sessionId: string;
  /** As it is now. */
  readonly grant: () => StoredGrant;
  /** Resolves to true when the session may begin, and an older one has freed its ports. */
  readonly admitted: Promise<boolean>;
  /** Users at a time. */
  readonly most: number;
  readonly refuse: (reason: RefusalReason, what: string) => void;
  /** Aborts when the session ends. */
  readonly ended: AbortSignal;
  readonly log: Logger;
}

interface OpenService { readonly name: string; readonly forward: Forward; up: boolean }

export function createSessionServices(host: SessionHost, of: ServicesOf): SessionServices {
  const { channels, ended, log } = of;
  const services = new Map<number, OpenService>();
  const opening = new Set<number>();
  const post = (type: 'service-up' | 'service-down', { name, forward }: OpenService): void =>
    void host.desk.event(of.sessionId, { type, grantId: of.grant().id, service: name, port: forward.port, at: host.clock.now().toISOString() }).catch(() => undefined);
  const close = (port: number): void => {
    const service = services.get(port);
    if (!service) return;
    services.delete(port);
    service.forward.close();
    post('service-down', service);
  };
  const watch = async (service: OpenService, boundAddress: string): Promise<void> => {
    const { port } = service.forward;
    const serves = service.name !== 'ssh' || await waitForSshBanner(of.client, { boundAddress, port }, host.clock, ended);
    if (!serves || services.get(port) !== service) return;
    service.up = true;
    log.debug('service up', { service: service.name, port });
    post('service-up', service);
  };
  const listen = async ({ bindAddr, bindPort }: TcpipBindInfo, { service: name, isWeb }: Exclude<ForwardDecision, { refused: RefusalReason }>): Promise<boolean> => {
    const forward = await openForward({
      channels, ...placeOf(host, isWeb), forwarded: { boundAddress: bindAddr, port: bindPort }, admit: () => isRoom(host, of), clock: host.clock, ended,
      onError: (error) => log.warn('a public port has a fault', { port: bindPort, error }),
      onGone: (gone) => host.audit({ kind: 'connection', grant: of.grant().id, service: name, ...gone, ...(isWeb ? { remote: 'web' } : {}) }),
    });
    if (ended.aborted) forward.close();
    if (ended.aborted) return false;
    const service: OpenService = { name, forward, up: false };
    services.set(bindPort, service);
    log.debug('port open', { service: name, port: bindPort });
    void watch(service, bindAddr);
    return true;
  };
  return {
    async open(wanted) {
      const port = wanted.bindPort;
      if (!await of.admitted || ended.aborted) return false;
      const decision = decideForward(of.grant(), wanted, new Set([...services.keys(), ...opening]));
      if ('refused' in decision) {
        of.refuse(decision.refused, `${wanted.bindAddr}:${port}`);
        return false;
      }
      opening.add(port);
      return await listen(wanted, decision)
        .catch((error: unknown) => {
          log.error('a public port cannot be opened: another program of this host may use it', { port, error });
          host.refuse('port-in-use');
          return false;
        })
        .finally(() => opening.delete(port));
    },
    close,
    closeAll: () => { for (const port of [...services.keys()]) close(port); },
    list: () => [...services.values()].map(({ name, up, forward }) => ({ name, port: forward.port, up, connections: forward.connections() })),
    announce: () => { for (const service of services.values()) if (service.up) post('service-up', service); },
  };
}

/** A web service's port is on the loopback, and open to the web port of this tunnel alone. */
const placeOf = ({ portsHost, doorKey }: SessionHost, isWeb: true | undefined): Pick<ForwardOptions, 'host' | 'guard'> =>
  (isWeb ? { host: LOOPBACK, guard: (socket) => answerKnock(socket, doorKey) } : { host: portsHost });

function isRoom(host: SessionHost, { channels, most }: ServicesOf): boolean {
  if (channels.count() < most) return true;
  host.refuse('connections');
  return false;
}
