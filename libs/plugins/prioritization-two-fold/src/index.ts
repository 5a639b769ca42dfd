export { createTwoFoldPrioritization } from './two-fold-prioritization.js';
