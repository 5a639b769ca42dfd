import { parseArgs } from 'node:util';
import { changeKnobs, NO_KNOBS } from './fake-knobs.js';
import type { FakeKnobs } from './fake-knobs.js';

export interface FakeArguments {
  readonly port: number;
  readonly host: string;
  readonly stateFile?: string;
  readonly knobs: FakeKnobs;
}

/** The command line of the server; throws with a sentence for the operator. */
export function readArguments(args: readonly string[]): FakeArguments {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string', default: '0' }, host: { type: 'string', default: '127.0.0.1' }, state: { type: 'string' }, knobs: { type: 'string', default: '{}' } },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port must be 0 to 65535, not ${values.port}.`);
  return {
    port, host: values.host, knobs: changeKnobs(NO_KNOBS, JSON.parse(values.knobs)),
    ...(values.state === undefined ? {} : { stateFile: values.state }),
  };
}
