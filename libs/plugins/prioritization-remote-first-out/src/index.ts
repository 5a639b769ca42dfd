export { remoteFirstOutPrioritization } from './remote-first-out-prioritization.js';
