export { networkOfFavoursPrioritization } from './network-of-favours-prioritization.js';
