export { networkOfFavoursPicker } from './network-of-favours-picker.js';
