import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Layers of docs/architecture.md: an arrow may only point down. */
const LAYERS = ['L0', 'L1', 'L2', 'L3', 'L4', 'L5'];
const below = (layer) => LAYERS.slice(0, LAYERS.indexOf(layer)).map((name) => `layer:${name}`);
const layerRules = [
  { sourceTag: 'layer:L0', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'layer:L1', onlyDependOnLibsWithTags: below('L1') },
  // Libraries of L2 do not see each other.
  { sourceTag: 'layer:L2', onlyDependOnLibsWithTags: below('L2') },
  { sourceTag: 'layer:L3', onlyDependOnLibsWithTags: [...below('L3')] },
  // Plugins see the model and the contracts, what was made for plugins (ADR 0019), and their own SDK.
  { sourceTag: 'layer:L4', onlyDependOnLibsWithTags: ['layer:L0', 'layer:L1', 'scope:plugins', 'type:testing'] },
  { sourceTag: 'layer:L5', onlyDependOnLibsWithTags: [...below('L5'), 'type:testing'] },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['layer:L0', 'layer:L1', 'layer:L2', 'layer:L3'] },
];

const house = [
  { selector: 'ExportAllDeclaration', message: 'Name every export.' },
  { selector: 'ExportDefaultDeclaration', message: 'No default exports.' },
  { selector: 'TSInterfaceDeclaration[id.name=/^I[A-Z][a-z]/]', message: 'No I prefix.' },
  { selector: "CallExpression[callee.object.name='AbortSignal'][callee.property.name='any'] CallExpression[callee.object.name='AbortSignal'][callee.property.name='timeout']", message: 'Node 20 forgets this time limit: take limitTime.' },
];
const contractWalls = [
  { selector: 'TSInterfaceBody[body.length>7] > TSMethodSignature', message: 'A contract has at most seven members: split it by role.' },
];
const constructorWall = { selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>6]', message: 'At most six dependencies.' };

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.nx/**', '.cache/**', '**/*.cjs', '.fogbow/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', { allow: [], depConstraints: layerRules, checkDynamicDependenciesExceptions: ['.*'] }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 350 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'no-restricted-syntax': ['error', ...house, constructorWall],
      'no-restricted-properties': ['error',
        { object: 'process', property: 'env', message: 'The environment is read in service-runtime only.' },
        { object: 'Date', property: 'now', message: 'Take a Clock from service-runtime.' },
        { object: 'Math', property: 'random', message: 'Take randomness from service-runtime.' }],
    },
  },
  { files: ['libs/plugin-contracts/src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...house, ...contractWalls] } },
  {
    files: ['libs/service-runtime/src/**/*.ts', 'libs/plugins/cloud-local/src/machine/**/*.ts', 'libs/embedded-servers/src/**/*.ts', 'tools/**/*.ts', 'apps/e2e/**/*.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/testing/**/*.ts', 'libs/plugin-conformance/src/**/*.ts', 'apps/e2e/**/*.ts'],
    rules: { 'max-lines': ['error', { max: 600 }], 'max-lines-per-function': 'off', 'no-restricted-properties': 'off' },
  },
);
