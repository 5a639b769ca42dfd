import type { Connection, TcpipBindInfo } from 'ssh2';
import type { Logger } from '@fogbow/service-runtime';
import { decideForward } from './decide-forward.js';
import { openForward } from './open-forward.js';
import type { Forward } from './open-forward.js';
import { waitForSshBanner } from './probe-banner.js';
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
  /** Undefined when the port is open now, else why it is not. */
  open(wanted: TcpipBindInfo): Promise<string | undefined>;
  close(port: number): void;
  closeAll(): void;
  list(): readonly ServiceStatus[];
  /** Tells the Manager again what is up. */
  announce(): void;
}

export interface ServicesOf {
  readonly client: Connection;
  readonly channels: SessionChannels;
  readonly grantId: string;
  /** Aborts when the session ends. */
  readonly ended: AbortSignal;
  readonly log: Logger;
}

interface OpenService { readonly name: string; readonly forward: Forward; up: boolean }

export function createSessionServices(host: SessionHost, { client, channels, grantId, ended, log }: ServicesOf): SessionServices {
  const services = new Map<number, OpenService>();
  const opening = new Set<number>();
  const post = (type: 'service-up' | 'service-down', { name, forward }: OpenService): void =>
    host.post({ type, grantId, service: name, port: forward.port, at: host.clock.now().toISOString() });
  const close = (port: number): void => {
    const service = services.get(port);
    if (!service) return;
    services.delete(port);
    service.forward.close();
    post('service-down', service);
  };
  const watch = async (service: OpenService, boundAddress: string): Promise<void> => {
    const { port } = service.forward;
    const serves = service.name !== 'ssh' || await waitForSshBanner(client, { boundAddress, port }, host.clock, ended);
    if (!serves || services.get(port) !== service) return;
    service.up = true;
    post('service-up', service);
  };
  const listen = async ({ bindAddr, bindPort }: TcpipBindInfo, name: string): Promise<string | undefined> => {
    const forward = await openForward({
      channels, host: host.portsHost, forwarded: { boundAddress: bindAddr, port: bindPort },
      admit: () => channels.count() < host.connectionsPerTunnel,
      onError: (error) => log.warn('a public port has a fault', { port: bindPort, error }),
    });
    if (ended.aborted) {
      forward.close();
      return 'the session has ended';
    }
    const service: OpenService = { name, forward, up: false };
    services.set(bindPort, service);
    void watch(service, bindAddr);
    return undefined;
  };
  return {
    async open(wanted) {
      const port = wanted.bindPort;
      const decision = decideForward(host.grants.get(grantId), port, new Set([...services.keys(), ...opening]));
      if ('refused' in decision) return decision.refused;
      opening.add(port);
      return await listen(wanted, decision.service)
        .catch((error: unknown) => {
          log.error('a public port cannot be opened: another program of this host may use it', { port, error });
          return 'the port cannot be opened';
        })
        .finally(() => opening.delete(port));
    },
    close,
    closeAll: () => { for (const port of [...services.keys()]) close(port); },
    list: () => [...services.values()].map(({ name, up, forward }) => ({ name, port: forward.port, up, connections: forward.connections() })),
    announce: () => { for (const service of services.values()) if (service.up) post('service-up', service); },
  };
}
