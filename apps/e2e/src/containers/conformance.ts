import type { ContainerEngine } from '@fogbow/embedded-servers';
import { sayWhatHolds } from '../conformance/run-suites.js';
import type { SuiteRun } from '../conformance/run-suites.js';
import type { Chapter } from '../story.js';
import type { ContainerWorld } from './container-world.js';

export const containerSuites = ({ socket }: Pick<ContainerEngine, 'socket'>): SuiteRun =>
  ({ args: ['--testMatch', '**/cloud-containers/src/testing/*.conformance.ts'], env: { FOGBOW_ENGINE_SOCKET: socket } });

/** The suites are jest's, as everywhere; jest is told of the engine by its environment. */
export const conformance = ({ engine }: ContainerWorld): Chapter =>
  ({ name: 'Conformance against the real engine', steps: [['cloud-containers holds every rule of its contracts', () => sayWhatHolds(containerSuites(engine))]] });
