export { globalFairness, pairwiseFairness, twoFoldFairness } from './fairness-controllers.js';
