export { domainListPolicy } from './domain-list-policy.js';
