// The conformance suites need no PostgreSQL and no Redis, and are no part of `npm test`.
const { globalSetup, globalTeardown, ...workspace } = require('../../../../jest.config.cjs');
module.exports = { ...workspace, testMatch: ['**/openstack.conformance.ts'], maxWorkers: 1 };
