import { readFileSync } from 'node:fs';
import type { Benchmark, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { powerOfSize } from '@fogbow/request-model';
import { DEFAULT_PROBE } from './default-probe.js';

const MOST_CHARACTERS = 16_384;
const [LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS] = [1000, 240_000];
/** The clock of a machine has hundredths. */
const LEAST_SECONDS = 0.01;

/** The power of a machine by the time in which it does some work (spec §2.5, SSH). The Manager sees to it that the work is done. */
export const sshBenchmark: PluginModule<Benchmark> = {
  name: 'benchmarking-ssh',
  settings: {
    scriptFile: { type: 'path', optional: true, meaning: 'Program for a POSIX shell that machines run in place of the one that comes along: a fixed amount of work, at most 16,384 characters.' },
    timeout: { type: 'duration', default: '60s', min: LEAST_TIMEOUT_MS, meaning: 'The program is ended after so long, at most 4m; its machine then counts by its size. Above 100s orders wait longer than two minutes, and members that placed them here give up after 300s, the boot included.' },
    atOnce: { type: 'integer', default: 4, min: 1, meaning: 'So many machines are measured at the same time.' },
    secondsOfOne: { type: 'number', default: 10, min: LEAST_SECONDS, meaning: 'A machine that takes so many seconds has the power 1, and one that takes half of them the power 2.' },
  },
  check: (settings) => [
    ...(Number(settings['timeout']) > MOST_TIMEOUT_MS ? ['timeout must be at most 4m: members that ordered the machine give up after 5m.'] : []),
    ...scriptFaults(settings),
  ],
  create: (settings) => ({
    probe: { script: scriptOf(settings), timeoutSeconds: Number(settings['timeout']) / 1000, atOnce: Number(settings['atOnce']) },
    powerOf: (size, measuredSeconds) => (measuredSeconds === undefined ? powerOfSize(size) : Number(settings['secondsOfOne']) / Math.max(measuredSeconds, LEAST_SECONDS)),
  }),
};

const scriptOf = ({ scriptFile }: SettingValues): string => (scriptFile === undefined ? DEFAULT_PROBE : readFileSync(String(scriptFile), 'utf8'));

function scriptFaults(settings: SettingValues): string[] {
  try {
    const script = scriptOf(settings);
    if (script.trim() === '') return ['scriptFile has nothing in it.'];
    if (script.includes('\0')) return ['scriptFile is no text.'];
    return script.length > MOST_CHARACTERS ? [`scriptFile has ${script.length} characters, of which user data have no room for more than ${MOST_CHARACTERS}.`] : [];
  } catch (error) {
    return [`scriptFile cannot be read: ${(error as Error).message}`];
  }
}
