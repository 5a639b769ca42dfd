export { allowAllPolicy } from './allow-all-policy.js';
