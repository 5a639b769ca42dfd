export { firstComePrioritization } from './first-come-prioritization.js';
