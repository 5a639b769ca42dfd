/**
 * A federation within a federation: a member without a cloud orders at a member whose cloud is another Manager (plugins no-cloud and cloud-occi), with
 * real machines, real logins, the inner room used up, and the inner Manager killed in between. Exit status 0 only when every step holds, 77 without an
 * OpenSSH client. Options: --port-base N (default 28600; 600 ports are used), --only TEXT tells only the chapters whose name has the text, after the first.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { cleanSlate, nestedChapters } from './nested/chapters.js';
import { createNest } from './nested/nested-world.js';
import { tellStory } from './story.js';

const SKIPPED = 77;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '28600' }, only: { type: 'string', default: '' } } });
  if (spawnSync('ssh', ['-V']).error) {
    say('Skipped: there is no OpenSSH client here (package openssh-client).');
    return SKIPPED;
  }
  const begun = performance.now();
  const nest = createNest(Number(values['port-base']));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void nest.dispose().finally(() => process.exit(130)));
  try {
    const world = await nest.start();
    say(`Both federations run after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    const chapters = nestedChapters(world).filter(({ name, isEssential }) => isEssential || name.includes(values.only));
    const { held, failed, skipped } = await tellStory(chapters, () => cleanSlate(world));
    say(`\n${held} steps held, ${failed} failed, ${skipped} not tried; ${((performance.now() - begun) / 1000).toFixed(1)} s in all`);
    return failed === 0 ? 0 : 1;
  } finally {
    await nest.dispose();
  }
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
