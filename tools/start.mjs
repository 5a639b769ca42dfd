// `npm start` and `npm stop`: setup, build, then the launcher in this very process, so that signals have one receiver.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { report, root, setup } from './setup.mjs';

const launcherFile = join(root, 'dist', 'tools', 'launcher', 'main.js');

try {
  // A stop must not wait for a build, nor fail with one.
  if (process.argv[2] !== 'stop' || !existsSync(launcherFile)) {
    await setup();
    const { buildIfChanged } = await import('./build-if-changed.mjs');
    await buildIfChanged();
  }
  const { default: launcher } = await import(pathToFileURL(launcherFile).href);
  await launcher.launch(process.argv.slice(2));
} catch (error) {
  report(error);
}
