export { createStaticIdentity, staticIdentity } from './static-identity.js';
