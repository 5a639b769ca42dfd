/**
 * An upgrade on a Tuesday morning: a member on two hosts of its own runs the image of an earlier commit, users never stop asking its API, and the operator types what
 * docs/install.md says. Not one request may fail: not while the new version comes, not while one comes that does not run, not on the way back. On hosts
 * as in the story two-hosts. Exit status 0 only when all holds, 77 where no engine can run or the commit is not there. Options: --from REF (default
 * HEAD~1), --no-install.
 */
import { strict as assert } from 'node:assert';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import type { OrderView } from './api-client.js';
import { awaitEvent } from './await-event.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';
import { run } from './two-hosts/images.js';
import { awaitHealthy } from './two-hosts/lab.js';
import { tokenOf } from './two-hosts/members.js';
import { runOnHosts } from './two-hosts/open-lab.js';
import { SKIPPED } from './two-hosts/what-is-missing.js';
import { openOneMember } from './upgrade/one-member.js';
import type { OneMember } from './upgrade/one-member.js';
import { BEFORE, commitOf, loadImageOf } from './upgrade/image-before.js';
import { startRequests } from './upgrade/steady-requests.js';
import type { SteadyRequests } from './upgrade/steady-requests.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const QUIET_MS = 5000;

function chapters(lab: OneMember, now: string): Chapter[] {
  const { member: a, api } = lab;
  const place = { cwd: join(a.folder, 'internal'), env: { DOCKER_HOST: `unix://${a.engines.internal.socket}` } };
  const state: { requests?: SteadyRequests; order?: OrderView } = {};
  const requests = (): SteadyRequests => state.requests as SteadyRequests;
  const order = (): OrderView => state.order as OrderView;
  /** Under requests that go on for a while before and after. */
  const withoutAFailure = async (work: () => Promise<unknown>): Promise<string> => {
    const before = requests().count;
    requests().slowest();
    await pause(QUIET_MS);
    await work();
    await pause(QUIET_MS);
    assert.deepEqual(requests().failures.splice(0), []);
    return `${requests().count - before} requests, none failed; the slowest took ${(requests().slowest() / 1000).toFixed(1)} s`;
  };
  const imagesOfManagers = async (): Promise<string[]> => {
    const ids = (await a.docker('internal', 'ps', '-q')).split('\n').filter(Boolean);
    const rows = (await a.docker('internal', 'inspect', '--format', '{{index .Config.Labels "com.docker.compose.service"}} {{.Config.Image}}', ...ids)).split('\n');
    return rows.filter((row) => row.startsWith('manager-')).sort();
  };
  const allOf = (image: string): string[] => ['manager-api', 'manager-federation', 'manager-worker'].map((service) => `${service} ${image}`);
  const upgrade = (image: string, env: Readonly<Record<string, string>> = {}): Promise<string> => run('./upgrade.sh', [image], { ...place, env: { ...place.env, ...env } });
  return [{
    name: 'The version before', isEssential: true, steps: [
      ['comes up on both hosts, and takes an order', async () => {
        for (const host of ['external', 'internal'] as const) {
          await a.compose(host, 'up', '-d');
          await awaitHealthy(a, host, 300_000);
        }
        assert.deepEqual(await imagesOfManagers(), allOf(BEFORE));
        const [id = ''] = await api.submit({ flavor: 'small' });
        state.order = await api.show(id) as OrderView;
      }],
      ['users ask without a pause', async () => {
        state.requests = startRequests({ url: lab.url, token: tokenOf(a), ca: lab.authority, keeping: 4, connecting: 2 });
        return await withoutAFailure(() => Promise.resolve());
      }],
    ],
  }, {
    name: 'upgrade.sh', steps: [
      ['the new version takes over', async () => {
        const told = await withoutAFailure(() => upgrade(now));
        assert.deepEqual(await imagesOfManagers(), allOf(now));
        return told;
      }],
      ['the order of before is there', async () => assert.equal((await api.show(order().id))?.batchId, order().batchId)],
      ['a version that does not run changes nothing', async () => {
        const told = await withoutAFailure(() => assert.rejects(upgrade('fogbow-redis:7', { PATIENCE: '15' }), /is removed again/));
        assert.deepEqual(await imagesOfManagers(), allOf(now));
        assert.match(readFileSync(join(place.cwd, '.env'), 'utf8'), new RegExp(`^FOGBOW_IMAGE=${now}$`, 'm'));
        return told;
      }],
      ['and back to the version before', async () => {
        const told = await withoutAFailure(() => upgrade(BEFORE));
        assert.deepEqual(await imagesOfManagers(), allOf(BEFORE));
        return told;
      }],
      ['all is deleted, and nothing is left', async () => {
        await requests().stop();
        await api.removeAll();
        await awaitEvent('no order', async () => (await api.list()).length === 0, { timeoutMs: 60_000 });
      }],
    ],
  }];
}

async function tell(lab: OneMember, commit: string): Promise<boolean> {
  const { member: a } = lab;
  await loadImageOf(commit, a.engines.internal.socket);
  appendFileSync(join(a.folder, 'internal', '.env'), `FOGBOW_IMAGE=${BEFORE}\n`);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const { held, failed, skipped } = await tellStory(chapters(lab, `fogbow:${version}`), () => Promise.resolve());
  if (failed > 0) say(`--- internal a\n${await a.compose('internal', 'logs', '--no-color', '--tail=40')}`);
  say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}`);
  return failed === 0;
}

const { values } = parseArgs({ options: { from: { type: 'string', default: 'HEAD~1' }, 'no-install': { type: 'boolean', default: false } }, allowPositionals: true });
const commit = commitOf(values.from);
if (commit === undefined) {
  say(`Skipped: this clone does not have the commit ${values.from}.`);
  process.exit(SKIPPED);
}
runOnHosts({ install: !values['no-install'], open: openOneMember, tell: (lab) => tell(lab, commit) });
