import type { Attachment, Instance, InstanceRequest, Network, NetworkAddress, NetworkRequest, AttachmentRequest, Volume, VolumeRequest } from '@fogbow/plugin-contracts';
import { NOTHING, ONE_NETWORK, oneOf, oneVolume } from '@fogbow/request-model';
import type { Amount, Size } from '@fogbow/request-model';

/** What everything in the fake has, as its journal keeps it. Times are milliseconds since the epoch; absent: it never happens. */
export interface FakeLife {
  readonly id: string;
  readonly account: string;
  readonly clientToken: string;
  readonly createdAt: number;
  readonly activeAt?: number;
  readonly vanishesAt?: number;
  readonly failsAt?: number;
}

export interface FakeMachine extends FakeLife {
  readonly size: Size;
  readonly networks?: readonly NetworkAddress[];
  /** Absent: on. */
  readonly power?: 'off' | 'suspended';
}

export type FakeVolume = FakeLife & VolumeRequest;
export type FakeNetwork = FakeLife & NetworkRequest;
export type FakeAttachment = FakeLife & Required<AttachmentRequest>;

export interface FakeEntities {
  readonly instances: FakeMachine;
  readonly volumes: FakeVolume;
  readonly networks: FakeNetwork;
  readonly attachments: FakeAttachment;
}

export type FakeKind = keyof FakeEntities;
export const FAKE_KINDS = ['instances', 'volumes', 'networks', 'attachments'] as const satisfies readonly FakeKind[];

/** What callers ask for, and what they see. */
export interface FakeRequests { readonly instances: InstanceRequest; readonly volumes: VolumeRequest; readonly networks: NetworkRequest; readonly attachments: AttachmentRequest }
export interface FakeViews { readonly instances: Instance; readonly volumes: Volume; readonly networks: Network; readonly attachments: Attachment }

export const USE: { readonly [Kind in FakeKind]: (entity: FakeEntities[Kind]) => Amount } = {
  instances: ({ size }) => oneOf(size),
  volumes: ({ sizeGb }) => oneVolume(sizeGb),
  networks: () => ONE_NETWORK,
  attachments: () => NOTHING,
};

const reached = (time: number | undefined, now: number): boolean => time !== undefined && time <= now;

/** What every view begins with; undefined when the thing is gone. */
export function describeLife(life: FakeLife, now: number) {
  if (reached(life.vanishesAt, now)) return undefined;
  const known = { id: life.id, clientToken: life.clientToken, createdAt: new Date(life.createdAt) };
  if (reached(life.failsAt, now)) return { ...known, state: 'failed' as const, fault: 'Staged failure.' };
  return { ...known, state: reached(life.activeAt, now) ? 'active' as const : 'inactive' as const };
}

/** The machine as a cloud would describe it at that time; undefined when it is gone. */
export function describeMachine(machine: FakeMachine, now: number): Instance | undefined {
  const life = describeLife(machine, now);
  if (!life) return undefined;
  const shown = { ...life, size: machine.size, ...(machine.networks ? { networks: machine.networks } : {}) };
  if (life.state === 'failed') return shown;
  if (machine.power) return { ...shown, state: machine.power === 'off' ? 'inactive' : 'suspended' };
  return life.state === 'active' ? { ...shown, localAddress: '127.0.0.1' } : shown;
}
