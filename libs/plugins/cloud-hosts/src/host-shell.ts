import type { Readable } from 'node:stream';
import { FogbowError, limitTime } from '@fogbow/plugin-contracts';
import type { HostRunner } from './host-runner.js';
import type { HostSpec } from './hosts-settings.js';

/** Runs our scripts on one host. */
export interface HostShell {
  /** What the script says. Throws no-valid-host where the host's disk is full, cloud-unavailable where it fails or takes too long; a script that is given a stream may take as long as the signal lets it. */
  tell(script: string, args: readonly string[], signal: AbortSignal, input?: string | Readable): Promise<string>;
  /** Its last line. */
  outcome(script: string, args: readonly string[], signal: AbortSignal, input?: string | Readable): Promise<string>;
}

export interface HostShellOptions {
  readonly spec: Pick<HostSpec, 'name' | 'directory'>;
  readonly runner: HostRunner;
  readonly callTimeoutMs: number;
}

export function createHostShell({ spec: { name, directory }, runner, callTimeoutMs }: HostShellOptions): HostShell {
  const tell: HostShell['tell'] = async (script, args, signal, input = '') => {
    const inTime = typeof input === 'string' ? limitTime(signal, callTimeoutMs) : signal;
    const { status, stdout, stderr } = await runner.run(['sh', '-c', script, 'fogbow', directory, ...args], { input, signal: inTime });
    if (status === 0) return stdout;
    const words = stderr.trim().split('\n').at(-1) || `status ${status}`;
    if (/no space left|disk quota exceeded/i.test(stderr)) throw new FogbowError('no-valid-host', `The disk of the host ${name} is full: ${words}`);
    throw new FogbowError('cloud-unavailable', `The host ${name} could not do it: ${words}`);
  };
  return { tell, outcome: async (...call) => (await tell(...call)).replace(/\n+$/, '').split('\n').at(-1) ?? '' };
}
