export { hostsCloud } from './hosts-cloud.js';
