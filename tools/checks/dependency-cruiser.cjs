/** What may import what, beyond the layers that eslint checks: no cycles, no app in another, plugins and L2 apart. */
const L2 = 'image-files|occi|service-runtime|storage';
const notTests = { pathNot: '\\.(test|conformance)\\.ts$' };

module.exports = {
  forbidden: [
    // Cycles of values change with load order; a type may name another file's type in return.
    { name: 'no-circular', severity: 'error', comment: 'A cycle of value imports', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'apps-apart', severity: 'error', comment: 'Apps talk over wires, not imports', from: { path: '^apps/([^/]+)/' }, to: { path: '^apps/', pathNot: '^apps/$1/' } },
    { name: 'plugins-apart', severity: 'error', from: { path: '^libs/plugins/([^/]+)/' }, to: { path: '^libs/plugins/', pathNot: '^libs/plugins/$1/' } },
    {
      name: 'plugins-see-contracts-only', severity: 'error', from: { path: '^libs/plugins/', ...notTests },
      to: { path: '^libs/', pathNot: '^libs/(plugins|plugin-contracts|request-model|image-files)/' },
    },
    { name: 'layer-two-apart', severity: 'error', from: { path: `^libs/(${L2})/` }, to: { path: `^libs/(${L2})/`, pathNot: '^libs/$1/' } },
    { name: 'libs-below-apps', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'declared-packages', severity: 'error', from: { ...notTests }, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] } },
    { name: 'no-test-code-in-products', severity: 'error', from: { path: '^(apps|libs)/', pathNot: '\\.test\\.ts$|/testing/|^apps/e2e/' }, to: { path: '\\.test\\.ts$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(node_modules|dist|\\.cache|\\.nx)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'], extensions: ['.ts', '.js', '.json', '.d.ts'] },
  },
};
