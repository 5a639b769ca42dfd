import type { PluginLog } from '@fogbow/plugin-contracts';
import type { Amount } from '@fogbow/request-model';
import type { EngineWire } from './engine-wire.js';
import type { Ownership } from './labels.js';
import type { Turns } from './turns.js';

/** What all parts of one cloud share. The engine alone remembers: any number of Managers may use it. */
export interface ContainersOptions {
  readonly own: Ownership;
  readonly wire: EngineWire;
  /** What looks at the engine's lists before it adds to them takes its turn. */
  readonly turns: Turns;
  readonly limit: Amount;
  readonly machine: MachineOptions;
  /** Ranges of CIDR within which users may have networks. */
  readonly networkRanges: readonly string[];
  readonly log: PluginLog;
  now(): Date;
}

/** What machines have in common. */
export interface MachineOptions {
  /** Name for users → reference in the engine. */
  readonly images: Readonly<Record<string, string>>;
  /** For requests that name none; a name of `images`. */
  readonly image: string;
  /** The network from which machines dial out. */
  readonly network: string;
  readonly pids: number;
  /** Whether the engine is told to hold machines to their disk size. */
  readonly diskQuota: boolean;
  readonly sshUsername: string;
}
