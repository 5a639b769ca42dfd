export { occiCloud } from './occi-cloud.js';
