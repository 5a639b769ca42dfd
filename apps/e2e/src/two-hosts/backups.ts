import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { Chapter } from '../story.js';
import { run } from './images.js';
import { awaitFulfilled, awaitHealthy, logIn } from './lab.js';
import type { Lab } from './lab.js';
import type { HostKind, Member } from './members.js';

/** One command each, as the docs give them; the real PostgreSQL, and a host that has lost everything. */
export function backups(lab: Lab): Chapter {
  const { a, b } = lab;
  const state: { order?: OrderView } = {};
  const order = (): OrderView => state.order as OrderView;
  const script = (member: Member, host: HostKind, name: string, file: string, fine = [0]): Promise<string> =>
    run(`./${name}`, [file], { cwd: join(member.folder, host), env: { DOCKER_HOST: `unix://${member.engines[host].socket}` }, fine });
  const fileOf = (name: string): string => join(dirname(a.folder), `${name}.tar.gz`);
  return {
    name: 'Backup and restore',
    steps: [
      ['an order at A, its machine at B', async () => {
        const [id = ''] = await lab.home().submit({ flavor: 'small', publicKey: lab.user.publicKey });
        state.order = await awaitFulfilled(lab, id);
      }],
      ['a backup of each host, one command, while all runs', async () => {
        const said = [await script(a, 'internal', 'backup.sh', fileOf('a-internal')), await script(b, 'external', 'backup.sh', fileOf('b-external'))];
        for (const name of ['a-internal', 'b-external']) assert.equal(statSync(fileOf(name)).mode & 0o777, 0o600);
        return said.map((words) => words.split(': ')[1]).join('; ');
      }],
      ['half a backup is refused, and nothing is touched', async () => {
        const whole = readFileSync(fileOf('a-internal'));
        writeFileSync(fileOf('half'), whole.subarray(0, whole.length / 2));
        await assert.rejects(script(a, 'internal', 'restore.sh', fileOf('half')));
        await awaitHealthy(a, 'internal');
        assert.equal((await lab.home().show(order().id))?.state, 'fulfilled');
      }],
      ['the internal host of A burns down; one command on a new one, and the order is there', async () => {
        await burn(a, 'internal');
        await script(a, 'internal', 'restore.sh', fileOf('a-internal'));
        await awaitHealthy(a, 'internal');
        const shown = await awaitEvent('the order is shown', async () => await lab.home().show(order().id), { timeoutMs: 30_000 });
        assert.equal(shown.instanceId, order().instanceId);
      }],
      ['the external host of B burns down; machines find the key that they know, and dial in again', async () => {
        await burn(b, 'external');
        await script(b, 'external', 'restore.sh', fileOf('b-external'));
        await awaitHealthy(b, 'external');
        return await logIn(lab, order(), 90_000);
      }],
      ['delete', async () => {
        await lab.home().remove(order().id);
        await awaitEvent('no order at A', async () => (await lab.home().list()).length === 0, { timeoutMs: 60_000 });
      }],
    ],
  };
}

/** What is left is what an operator takes from the repository or the image: the compose file and its scripts. */
async function burn(member: Member, host: HostKind): Promise<void> {
  await member.compose(host, 'kill');
  await member.compose(host, 'rm', '-f');
  const folder = join(member.folder, host);
  renameSync(folder, `${folder}-burnt`);
  mkdirSync(folder, { mode: 0o700 });
  for (const name of readdirSync(`${folder}-burnt`).filter((one) => /\.(yml|sh)$|^prosody-modules$/.test(one))) renameSync(join(`${folder}-burnt`, name), join(folder, name));
  rmSync(`${folder}-burnt`, { recursive: true });
  assert(!existsSync(join(folder, 'secrets')));
}
