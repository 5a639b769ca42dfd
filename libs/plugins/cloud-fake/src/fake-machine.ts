import type { Instance } from '@fogbow/plugin-contracts';
import type { Size } from '@fogbow/request-model';

/** A machine of the fake as its journal keeps it. Times are milliseconds since the epoch; absent: it never happens. */
export interface FakeMachine {
  readonly id: string;
  readonly account: string;
  readonly clientToken: string;
  readonly size: Size;
  readonly createdAt: number;
  readonly activeAt?: number;
  readonly vanishesAt?: number;
  readonly failsAt?: number;
}

/** The machine as a cloud would describe it at that time; undefined when it is gone. */
export function describeMachine(machine: FakeMachine, now: number): Instance | undefined {
  const reached = (time: number | undefined): boolean => time !== undefined && time <= now;
  if (reached(machine.vanishesAt)) return undefined;
  const { id, clientToken, size } = machine;
  const known = { id, clientToken, size, createdAt: new Date(machine.createdAt) };
  if (reached(machine.failsAt)) return { ...known, state: 'failed', fault: 'Staged failure.' };
  return reached(machine.activeAt) ? { ...known, state: 'active', localAddress: '127.0.0.1' } : { ...known, state: 'inactive' };
}
