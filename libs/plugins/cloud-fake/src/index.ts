export { fakeCloud } from './fake-cloud.js';
export { createFakeCloudState } from './fake-state.js';
export type { FakeCloudState, FakeStateOptions } from './fake-state.js';
export { createInProcessClient } from './in-process-client.js';
export type { CallCounts, InProcessClient } from './in-process-client.js';
export { serveFakeCloud } from './serve-fake-cloud.js';
export type { FakeServer } from './serve-fake-cloud.js';
export type { FakeKnobs } from './fake-knobs.js';
