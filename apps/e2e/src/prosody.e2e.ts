/**
 * Two members whose Managers are components of two real Prosody servers, with server-to-server between them: order, overflow, log in, delete;
 * servers restarted and dead in the middle of it; what is too large or not allowed. Exit status 0 only when every step holds. Options: --keep
 * leaves everything running, --port-base N (default 31700), --only TEXT tells only the chapters whose name has the text, after the start;
 * --xmpp websocket: the Managers are clients over WebSocket in place of components.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanSlate, createWorld } from './main-job/world.js';
import { limits, secrets } from './prosody/limits.js';
import { overflow, startWithProsody } from './prosody/overflow.js';
import { createProsodyWorld } from './prosody/prosody-world.js';
import { deadServer, restartedServer } from './prosody/server-faults.js';
import { runStory } from './run-story.js';
import { createSshUser } from './ssh.js';
import { createFederation, endOrKeep } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { StoryEnd } from './story.js';

async function tell(federation: TestFederation, only: string): Promise<StoryEnd> {
  const folder = join(federation.data, '..');
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  const world = createProsodyWorld(createWorld({ federation, alice, stranger }));
  const chapters = [startWithProsody, overflow, restartedServer, deadServer, limits, secrets].map((chapter) => chapter(world))
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  return await tellStory(chapters, () => cleanSlate(world.world));
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '31700' }, only: { type: 'string', default: '' }, xmpp: { type: 'string', default: 'prosody' } } });
runStory({
  open(endings) {
    const federation = createFederation({ portBase: Number(values['port-base']), args: ['--xmpp', values.xmpp], env: { FOGBOW_NO_RESTART: '1' } });
    endings.push(() => endOrKeep(federation, values.keep));
    return Promise.resolve(federation);
  },
  tell: (federation) => tell(federation, values.only),
});
