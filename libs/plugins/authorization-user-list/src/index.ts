export { userListPolicy } from './user-list-policy.js';
