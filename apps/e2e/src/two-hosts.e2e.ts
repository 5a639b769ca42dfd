/**
 * Two members of two hosts each, as operators have them: fogbow-setup writes, images are built here, the compose files of deploy/ are brought up by an
 * engine on each host. A host is a network namespace with an engine of its own: hosts share this machine's kernel and files, but no network, no
 * containers and no firewall. Order at A, machine at B, ssh from the Internet; power cuts; walls; rights; renewed certificates; the doctor; backups. Exit status 0 only
 * when every step holds, 77 where no engine can run. --only TEXT tells only the chapters whose name has the text, after the start; --no-install
 * installs no missing Debian package.
 */
import { parseArgs } from 'node:util';
import type { Told } from './run-story.js';
import { tellStory } from './story.js';
import { backups } from './two-hosts/backups.js';
import { bringUp, mainJob, noWayIn, renewal, rights, walls } from './two-hosts/chapters.js';
import { doctors } from './two-hosts/doctors.js';
import type { Lab } from './two-hosts/lab.js';
import { openLab, runOnHosts } from './two-hosts/open-lab.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function tell(lab: Lab, only: string): Promise<Told> {
  const chapters = [bringUp, walls, mainJob, rights, renewal, noWayIn, doctors, backups].map((chapter) => chapter(lab)).filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  const end = await tellStory(chapters, async () => { await lab.home().removeAll().catch(() => undefined); });
  if (end.failed > 0) for (const member of [lab.a, lab.b]) for (const host of ['internal', 'external'] as const) say(`--- ${host} ${member.letter}\n${await member.compose(host, 'logs', '--no-color', '--tail=25')}`);
  return end;
}

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } }, allowPositionals: true });
runOnHosts({ install: !values['no-install'], open: openLab, tell: (lab) => tell(lab, values.only) });
