import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { awaitEvent } from '../await-event.js';
import { isPortOpen, isRunning } from '../machines.js';
import { childrenOfAll, familyOf, residentKb, shareKb } from '../processes.js';
import type { Chapter } from '../story.js';
import type { World } from './world.js';

const PROCESSES = ['postgres', 'redis', 'xmpp-router', 'rendezvous', 'tunnel-a', 'tunnel-b', 'manager-a', 'manager-b'];

export function startUp(world: World): Chapter {
  return {
    name: 'npm start', isEssential: true,
    steps: [
      ['brings up two members', () => world.federation.start()],
      ['federation.json says where everything is, to its owner only', () => checkFile(world)],
      ['every process in it runs, is healthy and has a log', () => checkProcesses(world)],
      ['all of them together take less than 1 GiB', () => Promise.resolve(checkMemory(world))],
      ['the members know each other', () => checkAcquaintance(world)],
      ['a wrong token, and a token of the other member, are refused', () => checkTokens(world)],
    ],
  };
}

async function checkFile({ federation, a, b }: World): Promise<string> {
  const file = federation.file();
  assert.equal(file.running, true);
  assert(isRunning(file.launcherPid), 'the launcher is not running');
  assert(!Number.isNaN(Date.parse(file.startedAt)), 'startedAt is no time');
  assert.equal(statSync(join(federation.data, 'federation.json')).mode & 0o077, 0, 'others may read the tokens');
  assert.deepEqual(file.members.map(({ name }) => name), ['a', 'b']);
  assert.notEqual(a.id, b.id);
  for (const member of [a, b]) {
    assert.match(member.id, /^[\w.-]+$/);
    assert.match(member.managerUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    for (const user of member.users) assert(user.name && user.token.length >= 16, 'a user lacks name or token');
    assert(member.users.length > 0, 'a member has no user');
    const { tunnel, xmpp, cloud } = member;
    assert(tunnel.host && tunnel.sshPort > 0 && tunnel.portsTo > tunnel.portsFrom, 'the tunnel is incomplete');
    assert(xmpp.jid === member.id && xmpp.host && await isPortOpen(xmpp), 'the XMPP address is incomplete or nobody listens there');
    assert(await isPortOpen({ host: tunnel.host, port: tunnel.sshPort }), 'nobody listens on the tunnel port');
    assert(cloud.plugin === 'cloud-local' && existsSync(String(cloud.directory)), 'the cloud is not told');
  }
  return `${a.managerUrl}, ${b.managerUrl}`;
}

async function checkProcesses({ federation }: World): Promise<string> {
  const { processes } = federation.file();
  assert.deepEqual(processes.map(({ name }) => name).sort(), [...PROCESSES].sort());
  for (const { name, pid, logFile, command, healthUrl, configFile } of processes) {
    assert(isRunning(pid), `${name} (process ${pid}) is not running`);
    assert(existsSync(logFile), `${name} has no log ${logFile}`);
    assert(command, `${name} has no command`);
    if (configFile) assert(existsSync(configFile), `${name} has no configuration ${configFile}`);
    if (healthUrl) assert.equal((await fetch(healthUrl)).status, 200, `${name} is not healthy`);
  }
  return `${processes.length} processes`;
}

function checkMemory({ federation }: World): string {
  const { launcherPid, processes } = federation.file();
  const children = childrenOfAll();
  const all = [...new Set([launcherPid, ...processes.map(({ pid }) => pid)].flatMap((pid) => familyOf(pid, children)))];
  // What PostgreSQL's processes share is counted once, where we may look into them.
  const used = all.reduce((sum, pid) => sum + (shareKb(pid) || residentKb(pid)), 0) / 1024;
  assert(used > 100 && used < 1024, `${used.toFixed(0)} MiB`);
  return `${used.toFixed(0)} MiB in ${all.length} processes`;
}

async function checkAcquaintance({ home, away, a, b }: World): Promise<void> {
  for (const api of [home, away]) {
    await awaitEvent('both members are listed', async () => {
      const ids = (await api.members()).map(({ id }) => id);
      return [a.id, b.id].every((id) => ids.includes(id));
    }, { timeoutMs: 15_000 });
  }
}

async function checkTokens({ home, b }: World): Promise<void> {
  for (const token of ['', 'wrong', String(b.users[0]?.token)]) {
    const answer = await home.raw('GET', '/v1/orders', { headers: { 'X-Auth-Token': token } });
    assert.equal(answer.status, 401);
  }
}
