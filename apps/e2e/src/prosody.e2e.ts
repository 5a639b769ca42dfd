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
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';

async function tell(federation: TestFederation, only: string): Promise<boolean> {
  const folder = join(federation.data, '..');
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  const world = createProsodyWorld(createWorld({ federation, alice, stranger }));
  const chapters = [startWithProsody, overflow, restartedServer, deadServer, limits, secrets].map((chapter) => chapter(world))
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  const { held, failed, skipped } = await tellStory(chapters, () => cleanSlate(world.world));
  process.stdout.write(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}\n`);
  return failed === 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '31700' }, only: { type: 'string', default: '' }, xmpp: { type: 'string', default: 'prosody' } } });
  const federation = createFederation({ portBase: Number(values['port-base']), args: ['--xmpp', values.xmpp], env: { FOGBOW_NO_RESTART: '1' } });
  const end = async (): Promise<void> => {
    if (!values.keep) return federation.dispose();
    process.stdout.write(`Kept in ${federation.data}; end it with: npm stop -- --data ${federation.data} --fresh\n`);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    if (!(await tell(federation, values.only))) process.exitCode = 1;
  } finally {
    await end();
  }
}

// With --keep the processes that the chapters started live on, and would hold us.
main().then(() => process.exit(), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
