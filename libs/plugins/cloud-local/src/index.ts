export { localCloud } from './local-cloud.js';
export { stopHost } from './stop-host.js';
