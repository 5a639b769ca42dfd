import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { answerFaults } from './answers/check-answers.js';
import type { Ask, Flags } from './answers/gather-answers.js';
import { gatherAnswers } from './answers/gather-answers.js';
import { addDoctor } from './doctor/doctor-command.js';
import { install } from './files/install.js';
import { describeInstallation } from './render/describe-installation.js';
import { SetupFault } from './setup-fault.js';

/** What the program needs of the process. */
export interface Surroundings {
  readonly templates: string;
  readonly version: string;
  /** Of the Manager, to ask its cloud. */
  readonly cloudProgram: string;
  /** Undefined where nobody types. */
  readonly ask: Ask | undefined;
  write(text: string): void;
  note(text: string): void;
  now(): Date;
  /** The exit status, when all has been said already. */
  fail(status: number): void;
}

const EXAMPLES = `
Examples:
  # A member with a Rendezvous of its own and a container engine for a cloud, asked for what is missing
  fogbow-setup --directory /etc/fogbow --cloud cloud-containers --cloud-file cloud.yaml

  # The same without a question
  fogbow-setup --yes --domain example.org --internal-address 10.0.0.5 --public-address 198.51.100.7 --inside-address 10.0.1.7 \\
    --rendezvous rendezvous.example.net --cloud cloud-openstack --cloud-file openstack.yaml --certificates files

  # Again, after a change: what is there stays, secrets above all
  fogbow-setup --yes --user alice

The cloud's file holds the settings and credentials of the plugin, as docs/clouds tells:
  settings: { url: 'https://keystone.example.org:5000/v3' }
  credentials: { username: fogbow, passwordFile: /etc/fogbow/cloud/password }
`;

/** The whole command line; nothing runs until it is given words. */
export function createProgram(around: Surroundings): Command {
  const program = new Command('fogbow-setup')
    .enablePositionalOptions()
    .description('Writes everything that the two hosts of a member need: secrets, certificates, configuration, DNS records, firewall rules. Safe to run again.')
    .version(around.version)
    .exitOverride()
    .configureOutput({ writeOut: around.write, writeErr: around.note })
    .option('--directory <dir>', 'where to write', '/etc/fogbow')
    .option('--domain <name>', 'domain of this member: manager.NAME, external.NAME')
    .option('--layout <layout>', 'two-hosts, or all-in-one for a trial on one host')
    .option('--internal-address <ip>', 'of the internal host: the API')
    .option('--public-address <ip>', 'of the external host, as the world reaches it')
    .option('--public-bind <ip>', 'on which the external host listens for the world, where somebody translates addresses (default: the public address)')
    .option('--inside-address <ip>', 'of the external host, as the internal host and machines reach it (default: the public address)')
    .option('--rendezvous <own|jid>', 'run one, or use that of the federation (default: own)')
    .option('--cloud <plugin>', 'cloud-openstack, cloud-containers, cloud-occi, no-cloud …')
    .option('--cloud-file <file>', 'YAML with settings and credentials of that plugin')
    .option('--manager-file <file>', 'YAML with more settings of the Manager')
    .option('--user <id>', 'first user; a token is made (default: admin)')
    .option('--certificates <trial|files>', 'an authority of our own, or files of yours (default: trial)')
    .option('--public-ports <from-to>', 'for users of machines (default: 20000-30000)')
    .option('--images <official|debian>', 'of PostgreSQL, Redis and Prosody (default: official)')
    .option('--owner <uid:gid>', 'as whom containers run (default: 10001:10001)')
    .option('--yes', 'ask nothing')
    .addHelpText('after', EXAMPLES);
  program.action(async ({ directory, yes, ...flags }: Flags & { readonly directory: string; readonly yes?: boolean }) => {
    const folder = resolve(directory);
    const answers = await gatherAnswers(flags, folder, yes ? undefined : around.ask);
    const faults = answerFaults(answers);
    if (faults.length > 0) throw new SetupFault(faults.join('\n'), 2);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const installed = install(answers, { folder, templates: around.templates, now: around.now() });
    around.write(describeInstallation(answers, folder, installed));
  });
  addDoctor(program, around);
  return program;
}
