// `npx nx g plugin cloud-NAME`: a plugin that compiles and keeps the rules which a cloud without machines can keep;
// every call says what is to be written.

const camel = (name) => name.split('-').slice(1).map((part) => part[0].toUpperCase() + part.slice(1)).join('');

const project = (name) => `${JSON.stringify({
  $schema: '../../../node_modules/nx/schemas/project-schema.json',
  name,
  root: `libs/plugins/${name}`,
  sourceRoot: `libs/plugins/${name}/src`,
  projectType: 'library',
  tags: ['layer:L4'],
  targets: { lint: {}, typecheck: {}, test: {} },
}, null, 2)}\n`;

const source = (name, symbol) => `import { DEFAULT_CAPABILITIES, FogbowError } from '@fogbow/plugin-contracts';
import type { CloudPlugin, ComputeCloud, PluginModule } from '@fogbow/plugin-contracts';

/** Say here what this cloud is, and what it needs to run. */
export const ${symbol}: PluginModule<CloudPlugin> = {
  name: '${name}',
  settings: {
    url: { type: 'url', meaning: 'Where the cloud answers.' },
  },
  create: () => ({
    identity: { issue: () => Promise.reject(toDo('I1')) },
    compute: createCompute(),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  }),
};

/** The rules of docs/contracts/compute-cloud.md. */
function createCompute(): ComputeCloud {
  return {
    capabilities: DEFAULT_CAPABILITIES,
    create: () => Promise.reject(toDo('C1 and C2')),
    find: () => Promise.reject(toDo('C3')),
    describe: () => Promise.reject(toDo('C4')),
    list: () => Promise.reject(toDo('C5')),
    remove: () => Promise.reject(toDo('C6')),
    quota: () => Promise.reject(toDo('C7')),
  };
}

const toDo = (rule: string): FogbowError => new FogbowError('cloud-unavailable', \`Rule \${rule} is not written yet.\`);
`;

const suite = (name, symbol) => `import { computeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { ${symbol} } from './${name}.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };

/** A cloud with room for two machines, and nothing in it. */
const open = (): Promise<CloudUnderTest> => Promise.resolve({
  plugin: ${symbol}.create({ url: 'http://127.0.0.1:1' }, host), credentials: {}, dispose: () => Promise.resolve(),
});

computeCloudSuite('${name}', open);
`;

/** Puts a line behind the last one that matches; the file must have one. */
function addAfter(tree, path, pattern, line) {
  const lines = tree.read(path, 'utf-8').split('\n');
  const last = lines.findLastIndex((one) => pattern.test(one));
  if (last < 0) throw new Error(`${path} has no line like ${pattern}.`);
  tree.write(path, [...lines.slice(0, last + 1), line, ...lines.slice(last + 1)].join('\n'));
}

module.exports.default = async function generatePlugin(tree, { name }) {
  if (!/^cloud-[a-z][a-z0-9-]*$/.test(name)) throw new Error(`${name} is no name for a cloud plugin; cloud-example would be one.`);
  const folder = `libs/plugins/${name}`;
  if (tree.exists(`${folder}/project.json`)) throw new Error(`${folder} is there already.`);
  const symbol = `${camel(name)[0].toLowerCase()}${camel(name).slice(1)}Cloud`;
  tree.write(`${folder}/project.json`, project(name));
  tree.write(`${folder}/src/index.ts`, `export { ${symbol} } from './${name}.js';\n`);
  tree.write(`${folder}/src/${name}.ts`, source(name, symbol));
  tree.write(`${folder}/src/${name}.test.ts`, suite(name, symbol));
  addAfter(tree, 'tsconfig.base.json', /^ {6}"@fogbow\/cloud-.*,$/, `      "@fogbow/${name}": ["./${folder}/src/index.ts"],`);
  const manager = 'apps/manager/src/plugins.ts';
  addAfter(tree, manager, /^import \{ \w+Cloud \} from '@fogbow\/cloud-/, `import { ${symbol} } from '@fogbow/${name}';`);
  tree.write(manager, tree.read(manager, 'utf-8').replace(/^( {2}cloud: \[)([^\]]*)\]/m, `$1$2, ${symbol}]`));
  return () => process.stdout.write(`\n${folder} is there. Next: write what its tests miss (npx jest ${folder}), then its row in README.md, its section in docs/settings.md and in tools/checks/docs.test.ts.\n`);
};
