/**
 * A stranger, a component of B's own Prosody, throws stanzas at B's Manager: malformed, huge, deep, of wrong types, with the ids of an order
 * between A and B, in the names of others. Nothing may die, no order may change, the log may not fill, and afterwards orders work as before.
 * Exit status 0 only then. Options: --stanzas N (default 2000), --seed N (default: random, shown), --port-base N (default 32000).
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { awaitEvent } from './await-event.js';
import { createSite } from './crash-safety/sites.js';
import { isRunning } from './machines.js';
import { awaitState, cleanSlate, createWorld } from './main-job/world.js';
import { createProsodyWorld } from './prosody/prosody-world.js';
import type { ProsodyWorld } from './prosody/prosody-world.js';
import { deepestStanza, fatalInputs, randomStanza } from './prosody/random-stanza.js';
import type { Known } from './prosody/random-stanza.js';
import { openRawComponent } from './prosody/raw-component.js';
import type { RawComponent } from './prosody/raw-component.js';
import { createSshUser } from './ssh.js';
import { runStory } from './run-story.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const STRANGER = 'stranger.b.fogbow.local';
const SECRET = 'the stranger is known to the server alone';
/** Of the link, in ten seconds; the storm may last a few such periods, and the Manager has things of its own to say. */
const LINES_PER_PERIOD = 20;
const OWN_LINES = 60;
const LONGEST_LINE = 4096;
const SETTLE_MS = 60_000;

type Connect = () => Promise<RawComponent>;

/** B's Prosody gets to know the stranger. */
async function admitStranger({ world, control, mark }: ProsodyWorld): Promise<Connect> {
  appendFileSync(join(world.federation.data, 'prosody', 'b.fogbow.local', 'prosody.cfg.lua'), `Component "${STRANGER}"\n  component_secret = "${SECRET}"\n`);
  const log = mark('manager-b');
  await control().restart('prosody-b');
  await log.says('connected to the XMPP server');
  const { host, port } = world.b.xmpp;
  return () => openRawComponent({ host, port, jid: STRANGER, secret: SECRET });
}

/** What no stranger may change. */
async function snapshot({ world, machines }: ProsodyWorld): Promise<string> {
  const file = world.federation.file();
  const rows = await Promise.all(['a', 'b'].map((name) => createSite(file, name).rows('select id, state, incarnation, provider, requester, instance from orders order by id')));
  return JSON.stringify({ rows, machines: machines() });
}

/** A question of the stranger that comes back shows that all before it has been read. */
async function settle(stranger: RawComponent, target: string): Promise<void> {
  const id = `settled-${randomUUID()}`;
  await stranger.say(`<iq type="get" id="${id}" from="${STRANGER}" to="${target}"><query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>none</id></instance></query></iq>`);
  await Promise.race([stranger.answered(id), pause(SETTLE_MS, undefined, { ref: false }).then(() => { throw new Error(`No answer within ${SETTLE_MS / 1000} s.`); })]);
  if (stranger.isClosed()) throw new Error('The server closed the connection of the stranger.');
}

async function storm(connect: Connect, known: Known, stanzas: readonly string[]): Promise<string[]> {
  const begun = performance.now();
  const counts = new Map<string, number>();
  const stranger = await connect();
  for (const stanza of stanzas) if (!await stranger.say(stanza)) throw new Error(`The server closed the connection before ${stanza.slice(0, 300)}`);
  await settle(stranger, known.target);
  const shallow = performance.now();
  await stranger.say(deepestStanza(known));
  await settle(stranger, known.target);
  say(`60,000 levels took ${((performance.now() - shallow) / 1000).toFixed(1)} s`);
  for (const [kind, count] of stranger.answers) counts.set(kind, count);
  stranger.close();
  for (const input of fatalInputs(known)) {
    const one = await connect();
    await one.say(input);
    await awaitEvent(`the server ends the stream over ${input.slice(0, 60)}`, () => one.isClosed(), { timeoutMs: 10_000, everyMs: 10 });
  }
  const seconds = (performance.now() - begun) / 1000;
  say(`answers in ${seconds.toFixed(1)} s: ${[...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  return seconds > 60 ? [`the storm took ${Math.round(seconds)} s`] : [];
}

function logFaults(text: string, seconds: number): string[] {
  const lines = text.split('\n').filter(Boolean);
  const allowed = (Math.ceil(seconds / 10) + 1) * (LINES_PER_PERIOD + 1) + OWN_LINES;
  const longest = Math.max(0, ...lines.map((line) => line.length));
  say(`the Manager wrote ${lines.length} lines in ${seconds.toFixed(1)} s, the longest of ${longest} characters`);
  return [...(lines.length > allowed ? [`${lines.length} lines in the log, ${allowed} are allowed`] : []), ...(longest > LONGEST_LINE ? [`a line of ${longest} characters in the log: ${lines.find((line) => line.length === longest)?.slice(0, 300)}`] : [])];
}

async function raise(federation: TestFederation, count: number, seed: number): Promise<string[]> {
  const user = await createSshUser(join(federation.data, '..'), 'alice');
  const prosody = createProsodyWorld(createWorld({ federation, alice: user, stranger: user }));
  const { world, control } = prosody;
  await federation.start();
  await Promise.all(['manager-a', 'manager-b'].map((name) => control().restart(name)));
  const connect = await admitStranger(prosody);
  const [order] = await awaitState(world, await world.home.submit({ publicKey: user.publicKey, requirements: prosody.toB() }), 'fulfilled');
  assert(order?.instanceId);
  const known: Known = { self: STRANGER, target: world.b.id, victim: world.a.id, orderId: order.id, instanceId: order.instanceId.split('@')[0] as string };
  const before = await snapshot(prosody);
  const log = prosody.mark('manager-b');
  const begun = performance.now();
  say(`${count} stanzas (seed ${seed})`);
  const faults = await storm(connect, known, fc.sample(randomStanza(known), { numRuns: count, seed }));
  faults.push(...logFaults(log.text(), (performance.now() - begun) / 1000));
  for (const words of ['lost the XMPP server', 'a message handler failed', 'uncaught', 'unhandled']) if (log.text().includes(words)) faults.push(`the log says: ${log.text().split('\n').find((line) => line.includes(words))?.slice(0, 600)}`);
  const after = await snapshot(prosody);
  if (after !== before) faults.push(`something changed:\n${before}\n${after}`);
  await cleanSlate(world);
  await awaitState(world, await world.home.submit({ publicKey: user.publicKey, requirements: prosody.toB() }), 'fulfilled');
  await cleanSlate(world);
  return faults;
}

const { values } = parseArgs({ options: { stanzas: { type: 'string', default: '2000' }, seed: { type: 'string' }, 'port-base': { type: 'string', default: '32000' } } });
runStory({
  open(endings) {
    const federation = createFederation({ portBase: Number(values['port-base']), args: ['--xmpp', 'prosody'], env: { FOGBOW_NO_RESTART: '1' } });
    endings.push(() => federation.dispose());
    return Promise.resolve(federation);
  },
  async tell(federation) {
    const faults = await raise(federation, Number(values.stanzas), Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)));
    const dead = federation.file().processes.filter(({ name, pid }) => name.startsWith('rendezvous') && !isRunning(pid)).map(({ name }) => `${name} died`);
    for (const fault of [...faults, ...dead]) say(`✗ ${fault}`);
    say(faults.length + dead.length === 0 ? '✓ nothing died, nothing changed, the log stayed short, and orders work as before' : `${faults.length + dead.length} faults`);
    return faults.length + dead.length === 0;
  },
});
