export { containersCloud } from './containers-cloud.js';
