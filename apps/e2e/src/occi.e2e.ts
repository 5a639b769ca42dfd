/**
 * OCCI as a black box: every row of the table is a request to a live Manager and what it must answer. Exit status 0 only when every row
 * holds. Option: --port-base N (default 25700).
 */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { awaitEvent } from './await-event.js';
import { ask, check } from './occi/row.js';
import type { OcciWorld, Row } from './occi/row.js';
import { ROWS } from './occi/rows.js';
import { reconfigure } from './reconfigure.js';
import { runStory } from './run-story.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const STRANGER = 'a-stranger-of-this-run';

/** A second user of the same member, who owns nothing. */
function openWorld(federation: TestFederation): OcciWorld {
  const [home, other] = [federation.member('a'), federation.member('b')];
  appendFileSync(join(federation.data, 'config', 'users-a.yaml'), `  - { id: stranger, name: stranger, tokenSha256: ${createHash('sha256').update(STRANGER).digest('hex')} }\n`);
  return { url: home.managerUrl, member: home.id, other: other.id, token: home.users[0]?.token ?? '', strangerToken: STRANGER, known: new Map([['member', home.id], ['other', other.id], ['basic', Buffer.from(STRANGER).toString('base64')]]) };
}

async function hold(world: OcciWorld, row: Row): Promise<void> {
  const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => world.known.get(name)?.replace(/[.]/g, '\\$&') ?? whole);
  const once = async (): Promise<true> => {
    const answer = await ask(world, row);
    check(row, answer, fill);
    row.learn?.(answer, world.known);
    return true;
  };
  await (row.isAwaited ? awaitEvent(row.name, once, { everyMs: 300 }) : once());
}

/** True when it held. */
async function tryRow(world: OcciWorld, row: Row): Promise<boolean> {
  const fault = await hold(world, row).then(() => undefined, (error: unknown) => (error instanceof Error ? error.message : String(error)));
  say(`${fault === undefined ? '✓' : '✗'} ${row.name}: ${row.request} → ${row.status}${fault === undefined ? '' : `\n    ${fault.split('\n').join('\n    ')}`}`);
  return fault === undefined;
}

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '25700' } } });
runStory({
  async open(endings) {
    const federation = createFederation({ portBase: Number(values['port-base']) });
    endings.push(() => federation.dispose());
    await federation.start();
    await reconfigure(federation, 'manager-a', 'admins: [alice]\nocci: { extraResources: { e2e_os: fogbow-linux, e2e_size: Glue2vCPU >= 1 } }');
    return openWorld(federation);
  },
  async tell(world) {
    let held = 0;
    for (const row of ROWS) if (await tryRow(world, row)) held += 1;
    say(`\n${held} rows held, ${ROWS.length - held} failed`);
    return held === ROWS.length;
  },
});
