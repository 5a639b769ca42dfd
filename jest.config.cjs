const { availableParallelism } = require('node:os');

/** One jest for the whole workspace: a process start per project would cost more than the tests. */
const esmPackages = ['@xmpp', 'ltx'].join('|');
module.exports = {
  rootDir: __dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: 'node',
  // Tests wait for servers more than they compute; jest's own choice on two cores is one after the other, which takes twice as long.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  transform: {
    '^.+\\.[tj]s$': ['@swc/jest', {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages})/)`],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@fogbow/(cloud|identity|authorization|admission|picker|prioritization|capacity|benchmarking)-(.*)$': '<rootDir>/libs/plugins/$1-$2/src/index.ts',
    '^@fogbow/no-cloud$': '<rootDir>/libs/plugins/no-cloud/src/index.ts',
    '^@fogbow/(.*)$': '<rootDir>/libs/$1/src/index.ts',
  },
  globalSetup: '<rootDir>/tools/testing/start-servers.cjs',
  globalTeardown: '<rootDir>/tools/testing/stop-servers.cjs',
  cacheDirectory: '<rootDir>/.cache/jest',
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.nx'],
};
