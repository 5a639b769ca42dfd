export { openstackCloud } from './openstack-cloud.js';
