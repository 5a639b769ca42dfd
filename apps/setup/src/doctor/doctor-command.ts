import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { parse } from 'yaml';
import { systemClock } from '@fogbow/service-runtime';
import type { Site } from '../answers/answers.js';
import type { Surroundings } from '../create-program.js';
import { SetupFault } from '../setup-fault.js';
import { runChecks } from './check.js';
import type { Finding } from './check.js';
import { planChecks } from './plan-checks.js';
import type { Where } from './plan-checks.js';

const EXAMPLES = `
Examples:
  docker compose run --rm doctor                           # on a host, in the folder of its compose file
  docker compose run --rm doctor --member manager.b.org    # and can we reach that member?
  fogbow doctor --directory /etc/fogbow --host world       # from a third host, with a copy of external/site.yaml in there
Exit status: 0 when all is well, 1 when something is not, 2 wrong usage.`;
const WHERE = ['internal', 'external', 'world'];

interface Words {
  readonly directory: string;
  readonly host?: string;
  readonly member?: string;
  readonly timeout: string;
  readonly json?: boolean;
}

export function addDoctor(program: Command, around: Surroundings): void {
  program.command('doctor')
    .description('Tries every leg: names, ports both ways, clocks, certificates, XMPP here and to another member, databases, cloud, tunnel. Says what to do about each that fails.')
    .option('--directory <dir>', 'of the host (internal/ or external/), or with --host of the whole installation', '.')
    .option('--host <internal|external|world>', 'from where (default: the host whose folder it is)')
    .option('--member <id>', 'another member to reach, such as manager.example.org')
    .option('--timeout <seconds>', 'for each check', '20')
    .option('--json', 'one JSON document in place of lines')
    .addHelpText('after', EXAMPLES)
    .action(async (words: Words) => {
      const timeoutMs = Number(words.timeout) * 1000;
      if (words.host !== undefined && !WHERE.includes(words.host)) throw new SetupFault(`--host must be one of ${WHERE.join(', ')}, not ${JSON.stringify(words.host)}.`, 2);
      if (!(timeoutMs >= 1000)) throw new SetupFault('--timeout must be a number of seconds, at least 1.', 2);
      const { folder, site } = findSite(words);
      const where = (words.host ?? site.host) as Where;
      const checks = planChecks({ where, site, folder, cloudProgram: around.cloudProgram, now: around.now, ...(words.member === undefined ? {} : { member: words.member }) });
      const findings = await runChecks(checks, { timeoutMs, uptime: systemClock.uptime, ...(words.json ? {} : { told: (finding: Finding) => around.write(lineOf(finding)) }) });
      const failed = findings.filter(({ ok }) => !ok).length;
      around.write(words.json ? `${JSON.stringify({ host: where, domain: site.domain, ok: failed === 0, findings }, undefined, 2)}\n` : `${findings.length - failed} well, ${failed} not\n`);
      if (failed > 0) around.fail(1);
    });
}

/** One host's folder, or that of the whole installation with --host to say which. */
function findSite({ directory, host }: Words): { readonly folder: string; readonly site: Site } {
  const folder = resolve(directory);
  const candidates = [folder, ...(host === 'internal' ? [join(folder, 'internal')] : [join(folder, 'external'), join(folder, 'internal')])];
  const [found, ...more] = candidates.filter((one) => existsSync(join(one, 'site.yaml')));
  if (found === undefined) throw new SetupFault(`There is no site.yaml in ${folder}: fogbow-setup writes it into internal/ and external/.`, 2);
  if (host === undefined && found !== folder && more.length > 0) throw new SetupFault(`${folder} holds both hosts. On each of them, in the folder of its compose file: docker compose run --rm doctor. From here say from where to look: --host ${WHERE.join(' or ')}.`, 2);
  const site = parse(readFileSync(join(found, 'site.yaml'), 'utf8')) as Site;
  if (host !== undefined && host !== 'world' && site.host !== host) throw new SetupFault(`${found} is the folder of the ${site.host} host, not of the ${host} one.`, 2);
  return { folder: found, site };
}

export function lineOf({ check, ok, says, remedy, ms }: Finding): string {
  return `${ok ? '✓' : '✗'} ${check}: ${says} (${ms} ms)\n${ok ? '' : `    → ${remedy}\n`}`;
}
