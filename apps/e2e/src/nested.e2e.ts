/**
 * A federation within a federation: a member without a cloud orders at a member whose cloud is another Manager (plugins no-cloud and cloud-occi), with
 * real machines, real logins, the inner room used up, and the inner Manager killed in between. Exit status 0 only when every step holds, 77 without an
 * OpenSSH client. Options: --port-base N (default 28600; 600 ports are used), --only TEXT tells only the chapters whose name has the text, after the first.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { cleanSlate, nestedChapters } from './nested/chapters.js';
import { createNest } from './nested/nested-world.js';
import { runStory } from './run-story.js';
import { tellStory } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '28600' }, only: { type: 'string', default: '' } } });
runStory({
  skip: () => (spawnSync('ssh', ['-V']).error ? 'there is no OpenSSH client here (package openssh-client).' : undefined),
  async open(endings) {
    const begun = performance.now();
    const nest = createNest(Number(values['port-base']));
    endings.push(() => nest.dispose());
    const world = await nest.start();
    say(`Both federations run after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    return world;
  },
  tell: (world) => tellStory(nestedChapters(world).filter(({ name, isEssential }) => isEssential || name.includes(values.only)), () => cleanSlate(world)),
});
