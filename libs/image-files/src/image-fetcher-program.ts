import { createImageFiles } from './image-files.js';
import { readImageSources } from './image-source.js';

/** For tests: a process that wants one image and prints its path: `node fetcher.js FOLDER URL`. */
async function main(folder: string, url: string): Promise<void> {
  const { sources } = readImageSources({ one: url }, 'images');
  const log = { info: (message: string) => void process.stderr.write(`${message}\n`), warn: () => undefined };
  const files = createImageFiles({ folder, sources, log, limits: { maxBytes: 1e9, cacheBytes: 1e9 }, now: () => new Date() });
  process.stdout.write(await files.ensureLocalImage('one', { format: 'raw', signal: AbortSignal.timeout(30_000) }));
}

const [folder = '', url = ''] = process.argv.slice(2);
main(folder, url).catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
