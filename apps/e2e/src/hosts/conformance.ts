import { sayWhatHolds } from '../conformance/run-suites.js';
import type { SuiteRun } from '../conformance/run-suites.js';
import type { Chapter } from '../story.js';

/** Needs QEMU and nothing else: the suites start their machines themselves. */
export const hostsSuites: SuiteRun = { args: ['--testMatch', '**/cloud-hosts/src/testing/*.conformance.ts'] };

/** The suites are jest's, as everywhere. */
export const conformance = (): Chapter =>
  ({ name: 'Conformance with real machines of QEMU', steps: [['cloud-hosts holds every rule of its contracts', () => sayWhatHolds(hostsSuites)]] });
