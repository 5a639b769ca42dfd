import { parseClientToken } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import type { CloudCall, PluginLog } from '@fogbow/plugin-contracts';
import type { NeutronPort, NeutronPorts } from './neutron-ports.js';
import { orAbsent } from './openstack-errors.js';
import type { OpenStackHttp } from './openstack-http.js';

/** Ports and floating addresses of machines that never came, because we died, or that somebody else removed: Nova gives back only what it made itself. */
export interface NeutronLeftovers {
  /** Gives back what is due, where none has looked for a while. What cannot be done now is left to the next time. */
  sweep(call: CloudCall): Promise<void>;
}

export interface LeftoversOptions {
  readonly http: OpenStackHttp;
  readonly ports: NeutronPorts;
  readonly memberId: MemberId;
  /** Whether there is a machine of that client token. */
  hasMachine(clientToken: string, call: CloudCall): Promise<boolean>;
  readonly log: PluginLog;
  now(): Date;
}

const PERIOD_MS = 600_000;
/** A create that is tried again may still want what an earlier try has made. */
const OLD_MS = 3_600_000;

export interface MadeForMachine {
  readonly clientToken: string;
  readonly isInUse: boolean;
  readonly updatedAt: string | undefined;
}

/** Pure: the member's client tokens of which something has been of no use for long, and nothing is of use. Names that others gave are left alone, whatever they begin with. */
export function leftoverTokens(memberId: MemberId, all: readonly MadeForMachine[], now: Date): string[] {
  const ours = all.filter(({ clientToken }) => parseClientToken(memberId, clientToken) !== undefined);
  const isKept = ({ isInUse, updatedAt }: MadeForMachine): boolean => isInUse || !(now.getTime() - Date.parse(updatedAt ?? '') > OLD_MS);
  const kept = new Set(ours.filter(isKept).map(({ clientToken }) => clientToken));
  return [...new Set(ours.map(({ clientToken }) => clientToken))].filter((token) => !kept.has(token));
}

export function createNeutronLeftovers({ http, ports, memberId, hasMachine, log, now }: LeftoversOptions): NeutronLeftovers {
  let dueAt = now().getTime() + PERIOD_MS;
  return {
    async sweep(call) {
      if (now().getTime() < dueAt) return;
      dueAt = now().getTime() + PERIOD_MS;
      try {
        for (const clientToken of leftoverTokens(memberId, await readAll(http, call), now())) {
          if (await hasMachine(clientToken, call)) continue;
          await ports.release(clientToken, call);
          log.info('ports and addresses of a machine that is gone were given back', { clientToken });
        }
      } catch (error) {
        log.warn('ports and addresses of machines that are gone could not be given back', { error });
      }
    },
  };
}

interface Stamped { readonly updated_at?: string }

async function readAll(http: OpenStackHttp, call: CloudCall): Promise<MadeForMachine[]> {
  const ports = await http.list<NeutronPort & Stamped>('network', { path: '/ports', key: 'ports' }, call);
  const floating = await orAbsent(http.list<Stamped & { readonly description: string; readonly port_id: string | null }>('network', { path: '/floatingips', key: 'floatingips' }, call));
  return [
    // A port that floats but has no machine is of no use either: its address goes with it.
    ...ports.map(({ name, device_id: device, updated_at: updatedAt }) => ({ clientToken: name, isInUse: device !== '', updatedAt })),
    ...(floating ?? []).map(({ description, updated_at: updatedAt }) => ({ clientToken: description, isInUse: false, updatedAt })),
  ];
}
