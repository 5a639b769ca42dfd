import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { awaitEvent } from '../await-event.js';
import { addressOf, awaitState, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { BootstrapWorld, WithServices } from './bootstrap-world.js';
import { CLIENTS, SHELLS } from './machine-lab.js';
import type { Asker, Client, Machine, Shell } from './machine-lab.js';

/** Every shell with every client, with nothing but what the first port needs. */
export const firstPorts = (lab: BootstrapWorld): Chapter[] => SHELLS.flatMap((shell) => CLIENTS.map((client) => firstPort(lab, shell, client)));

function firstPort(lab: BootstrapWorld, shell: Shell, client: Client): Chapter {
  let machine: Machine;
  return {
    name: `${shell} with ${client}`,
    steps: [
      ['the script opens the tunnel: ssh through the public port', async () => {
        machine = lab.machine({ shell, client, askers: [] });
        machine.boot(lab.script());
        await lab.awaitLogin();
      }],
      ['no process shows the secret', () => {
        const secret = readFileSync(join(machine.state, 'tunnel-secret'), 'utf8').trim();
        const lines = machine.processes().map(({ line }) => line);
        assert(lines.some((line) => line.startsWith(client === 'openssh' ? 'ssh ' : 'dbclient ')), JSON.stringify(lines));
        assert(secret.length > 20 && lines.every((line) => !line.includes(secret)));
        return Promise.resolve();
      }],
      ['a client that is killed is followed by another', async () => {
        const killed = clientOf(machine);
        process.kill(killed, 'SIGKILL');
        await awaitEvent('another client', () => machine.processes().some(({ pid, line }) => /^(ssh|dbclient) .* -l /.test(line) && pid !== killed), { timeoutMs: 10_000, everyMs: 50 });
        await lab.awaitLogin();
      }],
      ['the tunnel is killed and comes back: the same port', async () => {
        const { port } = addressOf(lab.order());
        const begun = performance.now();
        await lab.restartTunnel();
        await lab.awaitLogin();
        assert.equal(addressOf(await lab.show()).port, port);
        return `${((performance.now() - begun) / 1000).toFixed(1)} s until ssh works again`;
      }],
      ['another host key is refused, and the right one taken again', () => changedKey(lab, machine)],
      ['an endpoint where nobody is: it goes on to the next', () => moveOn(lab, machine)],
      ['without curl, wget and openssl it says what is missing', async () => {
        const ran = await machine.run('web', '8080');
        assert.equal(ran.status, 1);
        assert.match(ran.notes, shell === 'busybox' ? /needed|install/ : /curl, GNU wget or openssl is needed/);
        return ran.notes;
      }],
    ],
  };
}

function clientOf(machine: Machine): number {
  const found = machine.processes().find(({ line }) => /^(ssh|dbclient) .* -l /.test(line));
  assert(found, `no client: ${JSON.stringify(machine.processes())}`);
  return found.pid;
}

const hostKeyFile = ({ world }: BootstrapWorld): string => join(world.federation.data, 'secrets', 'tunnel-a-host-key');

async function changedKey(lab: BootstrapWorld, machine: Machine): Promise<string> {
  const file = hostKeyFile(lab);
  const seen = machine.log().length;
  renameSync(file, `${file}.kept`);
  try {
    await lab.restartTunnel();
    const words = await awaitEvent('the client says why it does not log in', () => /.*(verification failed|mismatch).*/i.exec(machine.log().slice(seen))?.[0], { timeoutMs: 60_000, seen: () => machine.log().slice(seen) });
    assert.deepEqual(await lab.sessions(), [], 'a machine logged in to a stranger');
    return words.trim();
  } finally {
    rmSync(file);
    renameSync(`${file}.kept`, file);
    await lab.restartTunnel();
    await lab.awaitLogin();
  }
}

/** The list of endpoints as a Manager would write it that knows two; the first is dead. */
async function moveOn(lab: BootstrapWorld, machine: Machine): Promise<void> {
  // A loop that was turned away for a minute waits long before it dials again; this is about another thing.
  await machine.stop();
  machine.boot(lab.script());
  await lab.awaitLogin();
  const file = join(machine.state, 'tunnel-settings');
  const settings = readFileSync(file, 'utf8');
  const [, line = ''] = /^ {2}0\) (.*)$/m.exec(settings) ?? [];
  const dead = `  0) ${line.replace(/port=\d+/, 'port=1')}`;
  writeFileSync(file, settings.replace(/^ {2}0\) .*$/m, `${dead}\n  1) ${line}`).replace('endpoint_count=1', 'endpoint_count=2'));
  try {
    process.kill(clientOf(machine));
    await awaitEvent('it dials the second', () => machine.processes().some(({ line: one }) => / -l /.test(one)), { timeoutMs: 60_000, everyMs: 50 });
    await lab.awaitLogin();
  } finally {
    writeFileSync(file, settings);
  }
}

/** What a machine opens by itself, asked for with each of the three programs. */
export const moreServices = (lab: BootstrapWorld): Chapter[] =>
  ([['dash', 'openssh', 'curl'], ['dash', 'openssh', 'wget'], ['busybox', 'openssh', 'openssl'], ['busybox', 'dropbear', 'curl'], ['dash', 'dropbear', 'openssl']] as const)
    .map(([shell, client, asker]) => ownServices(lab, { shell, client, asker }));

interface Asking { readonly shell: Shell; readonly client: Client; readonly asker: Asker }

function ownServices(lab: BootstrapWorld, { shell, client, asker }: Asking): Chapter {
  let machine: Machine;
  const text = `the page of ${shell}, ${client} and ${asker}`;
  return {
    name: `create-fogbow-tunnel in ${shell} with ${client} and ${asker}`,
    steps: [
      ['a public port of its own, which the order shows', async () => {
        machine = lab.machine({ shell, client, askers: [asker] });
        machine.boot(lab.script());
        await lab.awaitLogin();
        const port = await lab.servePage(text);
        const open = lab.world.alice.run(addressOf(lab.order()), 'cat');
        const ran = await machine.run('db', String(port));
        assert.deepEqual([ran.status, ran.notes], [0, '']);
        assert.equal(await awaitEvent('the page on the port', () => fetchText(`http://${/db: (\S+)/.exec(ran.out)?.[1]}/`), { timeoutMs: 30_000 }), text);
        await open;
        return ran.out.replaceAll('\n', ' ');
      }],
      ['the same name for another page, on the same port', async () => {
        const ran = await machine.run('db', String(await lab.servePage(`${text}, again`)));
        assert.deepEqual([ran.status, ran.notes], [0, '']);
        const url = `http://${/db: (\S+)/.exec(ran.out)?.[1]}/`;
        await awaitEvent('the other page', async () => await fetchText(url) === `${text}, again`, { timeoutMs: 30_000 });
        return url;
      }],
      ['two commands at once do not get into each other’s way', async () => {
        const port = String(await lab.servePage(text));
        const ran = await Promise.all(['one', 'two', 'three'].map((name) => machine.run(name, port)));
        assert.deepEqual(ran.map(({ status }) => status), [0, 0, 0], JSON.stringify(ran));
        for (const { out } of ran) await awaitEvent('its page', async () => await fetchText(`http://${/\w+: (127\S+)/.exec(out)?.[1]}/`) === text, { timeoutMs: 30_000 });
        for (const name of ['one', 'two', 'three']) assert.equal((await machine.run('--remove', name)).status, 0);
      }],
      ['a name of its own, over TLS', async () => {
        const ran = await machine.run('web', String(await lab.servePage(`${text} by name`)), 'http');
        assert.deepEqual([ran.status, ran.notes], [0, '']);
        const url = /web: (\S+)/.exec(ran.out)?.[1] ?? '';
        assert.equal(await awaitEvent('the page by its name', async () => { const body = await curl(lab, url); return body.startsWith('the page') && body; }, { timeoutMs: 30_000 }), `${text} by name`);
        return url;
      }],
      ['the order shows both, in JSON and in OCCI', async () => {
        const services = await awaitEvent('both services', async () => { const { services: seen } = await lab.show(); return seen?.length === 2 && seen; }, { timeoutMs: 15_000, seen: () => undefined });
        assert.deepEqual(services.map(({ name }) => name).sort(), ['db', 'web']);
        const { data } = await lab.world.home.raw('GET', `/fogbow_request/${lab.order().id}`);
        const [, ports = ''] = /org\.fogbowcloud\.request\.extra-ports="(.*)" ?$/m.exec(String(data)) ?? [];
        assert.match(ports, /db.*web--/);
        return ports;
      }],
      ['they are there again after the tunnel was killed, on their ports', async () => {
        await lab.restartTunnel();
        await lab.awaitLogin();
        const [db, web] = ['db', 'web'].map((name) => lab.show().then(({ services }) => services?.find((one) => one.name === name)));
        const { host, port } = await db ?? assert.fail('db is gone');
        assert.equal(await awaitEvent('the page on the port', () => fetchText(`http://${host}:${port}/`), { timeoutMs: 40_000 }), `${text}, again`);
        await awaitEvent('the page by its name', async () => (await curl(lab, (await web)?.url ?? '')).startsWith('the page'), { timeoutMs: 10_000 });
      }],
      ['what cannot be is refused in words', async () => {
        const refusals = [['x y', '80'], ['web', '80', 'tcp'], ['db', '0'], ['db', '70000'], ['Web', '80', 'http'], ['--remove', 'ssh'], ['--remove', 'nobody']];
        const said: string[] = [];
        for (const words of refusals) {
          const ran = await machine.run(...words);
          assert.equal(ran.status, 1, `${words.join(' ')}: ${ran.out}`);
          said.push(ran.notes.replace('create-fogbow-tunnel: ', ''));
        }
        assert.equal(new Set(said).size, said.length, said.join('\n'));
        return said[1];
      }],
      ['removed they are gone, and SSH is not', async () => {
        for (const name of ['db', 'web']) assert.equal((await machine.run('--remove', name)).out.split('\n').at(-1), `${name} is closed`);
        await awaitEvent('the order shows none', async () => (await lab.show()).services === undefined, { timeoutMs: 15_000 });
        await lab.awaitLogin();
        const listed = await machine.run('--list');
        assert.deepEqual((JSON.parse(listed.out) as { services: { name: string }[] }).services.map(({ name }) => name), ['ssh']);
      }],
    ],
  };
}

const fetchText = async (url: string): Promise<string> => await (await fetch(url, { signal: AbortSignal.timeout(3000) })).text();

/** The real curl, told where the name is, as DNS would. */
function curl(lab: BootstrapWorld, url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((done) => { execFile('curl', ['-sS', '--max-time', '5', '--cacert', lab.ca, '--resolve', `${hostname}:${port}:127.0.0.1`, url], (_error, out, notes) => done(out || notes)); });
}

/** An order that another member serves: its machine opens a service, and the requester's order shows it. */
export function elsewhere({ world }: BootstrapWorld): Chapter {
  return {
    name: 'A machine at the other member',
    steps: [
      ['opens a service from its own shell; the order at home shows it, and its port answers', async () => {
        const [order] = await awaitState(world, await world.home.submit({ publicKey: world.alice.publicKey, requirements: `Glue2CloudComputeManagerID == "${world.b.id}"` }), 'fulfilled');
        assert(order, 'there is no order');
        const { stdout } = await login(world, order, '"$FOGBOW_STATE_DIR/create-fogbow-tunnel" again "$FOGBOW_LOCAL_SSH_PORT"');
        const services = await awaitEvent('the service in the order at home', async () => (await world.home.show(order.id) as WithServices).services, { timeoutMs: 30_000 });
        const { host, port } = services[0] ?? assert.fail('no service');
        assert.equal(stdout.trim(), `again: ${host}:${port}`);
        assert.equal((await world.alice.run({ ...addressOf(order), host, port }, 'echo in')).stdout, 'in\n');
        await world.home.remove(order.id);
        await awaitEvent('its port is closed', () => isClosed(host, port), { timeoutMs: 30_000 });
        return stdout.trim();
      }],
    ],
  };
}

function isClosed(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, host, () => { socket.destroy(); done(false); });
    socket.on('error', () => done(true));
  });
}

