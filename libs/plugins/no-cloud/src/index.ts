export { noCloud } from './no-cloud.js';
