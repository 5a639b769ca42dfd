// Makes dist/apps/cli a package of its own: `npm pack dist/apps/cli` gives a tarball that runs wherever Node does.
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const NAME = 'fogbow-cli';
const LICENSE = /^(licen[cs]e|copying)/i;

export function finishBuild(root, folder) {
  const { version, license, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const manifest = {
    name: NAME, version, license, engines,
    description: 'The command line of Fogbow: order machines from a federation of clouds and log in to them.',
    bin: { fogbow: 'main.js' }, files: ['main.js', 'README.md', 'LICENSE', 'THIRD-PARTY-LICENSES'],
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  copyFileSync(join(root, 'apps', 'cli', 'README.md'), join(folder, 'README.md'));
  if (existsSync(join(root, 'LICENSE'))) copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES'), licensesOf(join(folder, 'main.js.map')));
  chmodSync(join(folder, 'main.js'), 0o755);
}

/** The bundle holds code of others: their terms go with it. The source map knows whose it is. */
function licensesOf(mapFile) {
  const { sources } = JSON.parse(readFileSync(mapFile, 'utf8'));
  const packages = new Set(sources.flatMap((source) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []));
  return [...packages].sort().map((path) => {
    const folder = join(dirname(mapFile), path);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => LICENSE.test(entry));
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), 'utf8').trim() : ''}\n`;
  }).join(`\n${'-'.repeat(100)}\n\n`);
}
