import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Chapter } from '../story.js';
import { cloneRoot } from '../start-federation.js';
import { run } from './images.js';
import { awaitHealthy } from './lab.js';
import type { Lab } from './lab.js';
import type { Diagnosis } from './members.js';

const ill = ({ findings }: Diagnosis): string[] => findings.filter(({ ok }) => !ok).map(({ check, says }) => `${check}: ${says}`);

/** From all three places while all is well; then something is broken on purpose. */
export function doctors(lab: Lab): Chapter {
  const { a, b, network } = lab;
  const world = async (): Promise<Diagnosis> => {
    const [command = '', ...words] = network.on('user');
    const program = join(cloneRoot(), 'dist', 'apps', 'setup', 'main.js');
    return JSON.parse(await run(command, [...words, process.execPath, program, 'doctor', '--json', '--host', 'world', '--directory', join(b.folder, 'external')], { fine: [0, 1] })) as Diagnosis;
  };
  const well = (diagnosis: Diagnosis): string => {
    assert.deepEqual(ill(diagnosis), []);
    assert(diagnosis.ok);
    return `${diagnosis.findings.length} checks`;
  };
  const finds = (diagnosis: Diagnosis, what: RegExp): string => {
    const finding = diagnosis.findings.find(({ ok, check }) => !ok && what.test(check));
    assert(finding, `not found: ${what}; instead: ${ill(diagnosis).join('; ')}`);
    assert(finding.remedy);
    assert(!diagnosis.ok);
    return `${finding.check}: ${finding.says} → ${finding.remedy}`;
  };
  return {
    name: 'fogbow doctor',
    steps: [
      ['finds nothing inside of A, and reaches B', async () => well(await a.doctor('internal', '--member', b.id))],
      ['finds nothing inside of B, whose cloud takes the credentials', async () => {
        const diagnosis = await b.doctor('internal', '--member', a.id);
        return `${well(diagnosis)}; ${diagnosis.findings.find(({ check }) => check.startsWith('the cloud'))?.says ?? ''}`;
      }],
      ['finds nothing in the DMZ of A', async () => well(await a.doctor('external', '--member', b.id))],
      ['finds nothing from the Internet', async () => well(await world())],
      ['finds that the XMPP server of B is down, from A and from B', async () => {
        await b.compose('external', 'stop', '-t', '5', 'prosody');
        const found = finds(await b.doctor('internal'), /XMPP server, for components/);
        finds(await a.doctor('internal', '--member', b.id), /answers, server to server/);
        finds(await world(), /for other servers/);
        await b.compose('external', 'start', 'prosody');
        await awaitHealthy(b, 'external');
        return found;
      }],
      ['finds a database that does not answer', async () => {
        await a.compose('internal', 'pause', 'postgres');
        try {
          return finds(await a.doctor('internal', '--timeout', '6'), /PostgreSQL/);
        } finally {
          await a.compose('internal', 'unpause', 'postgres');
        }
      }],
    ],
  };
}
