/**
 * The command line as a user has it: packed, installed outside the clone, and used against a running federation of two members.
 * Exit status 0 only when every step holds. Options: --keep leaves the federation running, --port-base N (default 25000).
 */
import { strict as assert } from 'node:assert';
import { execFile, spawn } from 'node:child_process';
import type { ExecFileException } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runStory } from './run-story.js';

interface Ran { readonly status: number; readonly out: string; readonly notes: string }
interface Member { readonly id: string; readonly name: string; readonly managerUrl: string; readonly users: readonly { readonly name: string; readonly token: string }[] }
interface Order { readonly id: string; readonly state: string; readonly providingMember?: string; readonly instanceId?: string; readonly ssh?: { readonly host: string; readonly port: number; readonly hostKey?: string } }

const clone = process.env['FOGBOW_ROOT'] ?? process.cwd();
const TIMEOUT_MS = 120_000;

function run(program: string, args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string } = {}): Promise<Ran> {
  return new Promise((done) => {
    const { input = '', ...rest } = options;
    const child = execFile(program, [...args], { timeout: TIMEOUT_MS, ...rest }, (error: ExecFileException | null, out, notes) => done({ status: error ? (typeof error.code === 'number' ? error.code : -1) : 0, out, notes: notes || (error?.message ?? '') }));
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** The launcher leaves processes behind on purpose, which must not hold our pipes. */
function launch(...words: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(clone, 'tools', 'start.mjs'), ...words], { cwd: clone, detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => (code === 0 ? done() : failed(new Error(`The launcher ended with status ${code}.`))));
  });
}

/** Packs the command line and installs the tarball as a user would; resolves to the program. */
async function install(folder: string): Promise<string> {
  const packed = await run('npm', ['pack', join(clone, 'dist', 'apps', 'cli'), '--pack-destination', folder], { cwd: folder });
  assert.equal(packed.status, 0, packed.notes);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  assert.ok(tarball, 'npm pack made no tarball');
  // Nothing may be fetched: the package is whole.
  const installed = await run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', join(folder, 'installed'), join(folder, tarball)], { cwd: folder });
  assert.equal(installed.status, 0, installed.notes);
  return join(folder, 'installed', 'node_modules', '.bin', 'fogbow');
}

interface World {
  readonly folder: string;
  readonly home: string;
  readonly program: string;
  readonly members: readonly Member[];
  /** The command line in the user's home, away from the clone. */
  fogbow(...words: string[]): Promise<Ran>;
  env(more?: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
}

function createWorld(folder: string, program: string, members: readonly Member[]): World {
  const home = join(folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ PATH: `${join(program, '..')}:${process.env['PATH']}`, HOME: home, ...more });
  return { folder, home, program, members, env, fogbow: (...words) => run(program, words, { cwd: home, env: env() }) };
}

const member = (world: World, name: string): Member => {
  const found = world.members.find((one) => one.name === name);
  assert.ok(found, `no member ${name}`);
  return found;
};
function good(ran: Ran): string {
  assert.equal(ran.status, 0, ran.notes + ran.out);
  return ran.out;
}
const ordersOf = async (world: World): Promise<Order[]> => JSON.parse(good(await world.fogbow('order', 'list', '--output', 'json'))) as Order[];

type Step = readonly [string, (world: World) => Promise<void>];

const begin: readonly Step[] = [
  ['without a Manager it says where it looked, and what to do (status 3)', async (world) => {
    const ran = await world.fogbow('members');
    assert.equal(ran.status, 3);
    assert.match(ran.notes, /Cannot reach http:\/\/localhost:8182/);
    assert.match(ran.notes, /fogbow login --url URL/);
  }],
  ['without a token it says how to log in (status 1)', async (world) => {
    const ran = await world.fogbow('members', '--url', member(world, 'a').managerUrl);
    assert.equal(ran.status, 1);
    assert.match(ran.notes, /Log in with: fogbow login --url/);
  }],
  ['login takes the token from standard input and keeps it to the user alone', async (world) => {
    const { managerUrl, users } = member(world, 'a');
    const ran = await run(world.program, ['login', '--url', managerUrl], { cwd: world.home, env: world.env(), input: `${users[0]?.token}\n` });
    assert.match(good(ran), /Logged in to .* as alice; kept as profile default/);
    assert.equal(statSync(join(world.home, '.config', 'fogbow', 'config.yaml')).mode & 0o777, 0o600);
  }],
  ['a second Manager is a second profile; its token goes to it alone', async (world) => {
    const { managerUrl, users } = member(world, 'b');
    good(await run(world.program, ['login', '--url', managerUrl, '--profile', 'bob'], { cwd: world.home, env: world.env(), input: users[0]?.token ?? '' }));
    assert.match(good(await world.fogbow('whoami')), /bob/);
    good(await world.fogbow('profiles', 'use', 'default'));
    assert.match(good(await world.fogbow('whoami')), /alice/);
    assert.equal((await world.fogbow('whoami', '--url', managerUrl)).status, 1);
    assert.match(good(await world.fogbow('whoami', '--profile', 'bob')), /bob/);
  }],
  ['members', async (world) => {
    const text = good(await world.fogbow('members'));
    for (const { id } of world.members) assert.ok(text.includes(id), text);
  }],
];

const orders: readonly Step[] = [
  ['order create --watch: three machines, one of them at the other member; a line for each change', async (world) => {
    good(await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(world.home, '.ssh', 'id_ed25519')]));
    const lines = good(await world.fogbow('order', 'create', '-n', '3', '--flavor', 'fogbow_small', '--title', 'three', '--watch')).trim().split('\n');
    assert.equal(lines.filter((line) => line.includes('fulfilled')).length, 3, lines.join('\n'));
    const all = await ordersOf(world);
    assert.equal(all.length, 3);
    assert.ok(all.some(({ providingMember }) => providingMember === member(world, 'b').id));
  }],
  ['show and explain by the first characters of the id', async (world) => {
    const away = (await ordersOf(world)).find(({ providingMember }) => providingMember === member(world, 'b').id);
    assert.ok(away);
    assert.match(good(await world.fogbow('order', 'show', away.id.slice(0, 8))), /state +fulfilled/);
    const why = good(await world.fogbow('explain', away.id.slice(0, 8)));
    for (const { id } of world.members) assert.ok(why.includes(id), why);
  }],
  ['ssh finds host, port, user and key, and ends with the status of the command', async (world) => {
    for (const { id } of await ordersOf(world)) {
      const ran = await world.fogbow('ssh', id, '--ssh-option', 'BatchMode=yes', '--', 'echo "on $(whoami)"; exit 7');
      assert.equal(ran.status, 7, ran.notes);
      assert.match(ran.out, /^on /);
    }
    assert.equal(readdirSync(join(world.home, '.local', 'state', 'fogbow', 'known-hosts')).length, 3);
  }],
  ['ssh pins the host key of the order, and does not go into a machine with another one', async (world) => {
    const [one, other] = await ordersOf(world);
    assert.ok(one?.ssh && other?.ssh);
    assert.match(one.ssh.hostKey ?? '', /^ssh-ed25519 /);
    assert.match(good(await world.fogbow('ssh', '--print', one.id)), /StrictHostKeyChecking=yes/);
    const folder = join(world.home, '.local', 'state', 'fogbow', 'known-hosts');
    const file = readdirSync(folder).find((name) => name.includes(one.instanceId?.split('@')[0] ?? '?'));
    assert.equal(readFileSync(join(folder, file ?? ''), 'utf8'), `${file} ${one.ssh.hostKey}\n`);
    // The port of a tunnel may serve another machine one day: the user's key would open that one too.
    const dial = join(world.folder, 'dial.cjs');
    writeFileSync(dial, `const socket = require('node:net').connect(${other.ssh.port}, ${JSON.stringify(other.ssh.host)}); process.stdin.pipe(socket).pipe(process.stdout);\n`);
    const ran = await world.fogbow('ssh', one.id, '--ssh-option', 'BatchMode=yes', '--ssh-option', `ProxyCommand=${process.execPath} ${dial}`, '--', 'true');
    assert.equal(ran.status, 255);
    assert.match(ran.notes, /REMOTE HOST IDENTIFICATION HAS CHANGED/);
  }],
  ['the server\'s words reach the user (status 1); wrong usage is status 2', async (world) => {
    const ran = await world.fogbow('order', 'create', '--flavor', 'nothing_like_this');
    assert.equal(ran.status, 1);
    assert.match(ran.notes, /nothing_like_this.*unsupported-attribute, HTTP 400/);
    assert.equal((await world.fogbow('order', 'create', '--kind', 'moon')).status, 2);
  }],
];

const oldStyle: readonly Step[] = [
  ['order --create, --get and --delete as in the original', async (world) => {
    const { managerUrl, users } = member(world, 'b');
    const old = (...words: string[]): Promise<Ran> => run(world.program, ['order', ...words, '--auth-token', users[0]?.token ?? ''], { cwd: world.home, env: world.env({ FOGBOW_URL: managerUrl }) });
    const made = good(await old('--create', '--n', '1', '--flavor', 'fogbow_small', '--public-key', join(world.home, '.ssh', 'id_ed25519.pub')));
    const [, id] = new RegExp(`^X-OCCI-Location: ${managerUrl}/order/([0-9a-f-]{36})\\n$`).exec(made) ?? [];
    assert.ok(id, made);
    assert.ok(good(await old('--get')).includes(made));
    assert.match(good(await old('--get', '--id', id)), /X-OCCI-Attribute: org\.fogbowcloud\.order\.resource-kind="compute" /);
    assert.equal(good(await old('--delete', '--id', id)), 'Ok\n');
  }],
  ['member and token', async (world) => {
    assert.deepEqual(good(await world.fogbow('member')).trim().split('\n').sort(), world.members.map(({ id }) => id).sort());
    assert.equal(good(await world.fogbow('token', '--check')), 'Token Valid\n');
    assert.equal((await world.fogbow('token', '--check', 'nonsense')).out, 'Token Unauthorized\n');
  }],
];

const resources: readonly Step[] = [
  ['a volume goes into a machine, is seen there, and cannot go before its attachment', async (world) => {
    const home = (await ordersOf(world)).find(({ providingMember }) => providingMember === member(world, 'a').id);
    const volume = await made(world, 'volumes', 'create', '--size', '1', '--title', 'data');
    assert.ok(home && good(await world.fogbow('volumes')).includes(volume));
    assert.match(good(await world.fogbow('volumes', 'show', volume)), /data/);
    const attachment = await made(world, 'attachments', 'create', '--compute', home.id, '--volume', volume, '--device', '/dev/vdf');
    assert.match(good(await world.fogbow('attachments', 'show', attachment, '--output', 'json')), /"device": ?"~\/dev\/vdf"/);
    assert.equal(good(await world.fogbow('ssh', home.id, '--ssh-option', 'BatchMode=yes', '--', 'stat -c %s dev/vdf')), `${2 ** 30}\n`);
    await isInTheWay(world, attachment, 'volumes', 'delete', volume);
    good(await world.fogbow('attachments', 'delete', attachment));
    good(await world.fogbow('volumes', 'delete', volume));
    await onlyThree(world);
  }],
  ['a machine joins a network where that is', async (world) => {
    const { id } = member(world, 'b');
    const network = await made(world, 'networks', 'create', '--cidr', '127.79.0.0/24', '--member', id);
    const machine = await made(world, 'order', 'create', '--flavor', 'fogbow_small', '--network', network);
    const { providingMember, addresses = [] } = JSON.parse(good(await world.fogbow('computes', 'show', machine, '--output', 'json'))) as Order & { addresses?: { address: string }[] };
    assert.equal(providingMember, id);
    assert.match(addresses[0]?.address ?? '', /^127\.79\.0\./);
    await isInTheWay(world, machine, 'networks', 'delete', network);
    good(await world.fogbow('computes', 'delete', machine));
    good(await world.fogbow('networks', 'delete', network));
    await onlyThree(world);
  }],
  ['storage, network and attachment as in the original', async (world) => {
    const home = (await ordersOf(world)).find(({ providingMember }) => providingMember === member(world, 'a').id);
    const create = async (...words: string[]): Promise<string> => last(good(await world.fogbow(...words)).trim());
    const volume = await create('storage', '--create', '--size', '1');
    const network = await create('network', '--create', '--cidr', '127.79.0.0/24', '--gateway', '127.79.0.1', '--allocation', 'dynamic');
    assert.match(`${volume} ${network}`, /^federated_storage_[0-9a-f-]{36} federated_network_[0-9a-f-]{36}$/);
    const attachment = await create('attachment', '--create', '--computeId', home?.instanceId ?? '', '--storageId', volume, '--mountPoint', '/dev/vdg');
    for (const [command, id] of [['storage', volume], ['network', network], ['attachment', attachment]] as const) {
      assert.ok(good(await world.fogbow(command, '--get')).includes(id.replace(/^federated_[a-z]+_/, '')), `${command} ${id} is not listed`);
      good(await world.fogbow(command, '--get', '--id', id));
    }
    const order = await create('order', '--create', '--resource-kind', 'storage', '--size', '2');
    assert.match(good(await world.fogbow('order', '--get', '--id', order)), /order\.resource-kind="storage"/);
    assert.match(good(await world.fogbow('storage', '--get', '--id', volume)), /occi\.storage\.size="1"/);
    assert.match((await world.fogbow('storage', '--delete', '--id', volume)).notes, /in use by attachment/);
    for (const words of [['attachment', '--delete', '--id', attachment], ['storage', '--delete', '--id', volume], ['network', '--delete', '--id', network], ['order', '--delete', '--id', order]]) {
      assert.equal(good(await world.fogbow(...words)), 'Ok\n');
    }
    await onlyThree(world);
  }],
];

const last = (text: string): string => text.split('/').at(-1) ?? '';

/** Orders one thing and waits until it can be used. */
async function made(world: World, ...words: string[]): Promise<string> {
  const id = good(await world.fogbow(...words)).trim();
  assert.match(good(await world.fogbow('order', 'watch', id)), /fulfilled/);
  return id;
}

/** What is refused says by what, and how that is deleted. */
async function isInTheWay(world: World, id: string, ...words: string[]): Promise<void> {
  const ran = await world.fogbow(...words);
  assert.equal(ran.status, 1);
  assert.match(ran.notes, new RegExp(`in use by [a-z]+ ${id}; delete that first.*conflict, HTTP 409`));
  assert.ok(ran.notes.includes(`fogbow order delete ${id}`), ran.notes);
}

/** The machines of the steps before, and nothing else any more. */
async function onlyThree(world: World): Promise<void> {
  const deadline = performance.now() + 60_000;
  while ((await ordersOf(world)).length !== 3) assert.ok(performance.now() < deadline, 'orders are left after a minute');
}

const shell: readonly Step[] = [
  ['bash completes commands, choices and the ids of orders', async (world) => {
    const complete = (...words: string[]): string => `COMP_WORDS=(fogbow ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _fogbow_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const script = ['eval "$(fogbow completion bash)"', complete('order', 'cre'), complete('order', 'create', '--kind', 's'), complete('ssh', '')].join('\n');
    const lines = good(await run('bash', ['-c', script], { cwd: world.home, env: world.env() })).trim().split('\n');
    assert.deepEqual([...lines].sort(), ['create', 'storage', ...(await ordersOf(world)).map(({ id }) => id)].sort());
  }],
  ['on a terminal the lines of --watch are rewritten in place', async (world) => {
    if (!existsSync('/usr/bin/script')) return;
    const [order] = await ordersOf(world);
    const out = good(await run('script', ['-qec', `fogbow order watch ${order?.id}`, '/dev/null'], { cwd: world.home, env: world.env({ TERM: 'xterm' }) }));
    assert.ok(out.includes('\u001b[2K'), out);
  }],
  ['a reader that has seen enough is no failure', async (world) => {
    good(await run('bash', ['-o', 'pipefail', '-c', 'fogbow order list | head -n 1'], { cwd: world.home, env: world.env() }));
  }],
];

const end: readonly Step[] = [
  ['order delete --all; then there is nothing', async (world) => {
    assert.match(good(await world.fogbow('order', 'delete', '--all')), /^Deleted 3 order/);
    const deadline = performance.now() + 60_000;
    while ((await ordersOf(world)).length > 0) assert.ok(performance.now() < deadline, 'the orders are still there after a minute');
    assert.match(good(await world.fogbow('order', 'list')), /There are no orders/);
  }],
  ['logout forgets the token', async (world) => {
    good(await world.fogbow('logout'));
    assert.equal((await world.fogbow('whoami')).status, 1);
  }],
];

async function tell(world: World): Promise<number> {
  let failed = 0;
  for (const [name, hold] of [...begin, ...orders, ...oldStyle, ...resources, ...shell, ...end]) {
    const begun = performance.now();
    const fault = await hold(world).then(() => undefined, (error: unknown) => error);
    process.stdout.write(`${fault === undefined ? 'ok  ' : 'FAIL'} ${name} (${Math.round(performance.now() - begun)} ms)\n`);
    if (fault === undefined) continue;
    failed += 1;
    process.stdout.write(`     ${fault instanceof Error ? fault.message : String(fault)}\n`);
  }
  process.stdout.write(`\n${failed === 0 ? 'Every step held.' : `${failed} step(s) failed.`}\n`);
  return failed;
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '25000' } } });
runStory({
  async open(endings) {
    const folder = mkdtempSync(join(tmpdir(), 'fogbow-cli-e2e-'));
    const data = join(folder, 'data');
    endings.push(async () => {
      if (values.keep) return void process.stdout.write(`Kept; end it with: npm stop -- --data ${data} --fresh\n`);
      if (existsSync(data)) await launch('stop', '--data', data, '--fresh');
      rmSync(folder, { recursive: true, force: true });
    });
    const program = await install(folder);
    await launch('--detach', '--data', data, '--port-base', values['port-base']);
    const { members } = JSON.parse(readFileSync(join(data, 'federation.json'), 'utf8')) as { members: Member[] };
    return createWorld(folder, program, members);
  },
  tell: async (world) => await tell(world) === 0,
});
