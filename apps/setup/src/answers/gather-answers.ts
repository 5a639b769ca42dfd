import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SetupFault } from '../setup-fault.js';
import type { Answers, CloudAnswer, Layout } from './answers.js';

/** The words of the command line. */
export interface Flags {
  readonly domain?: string;
  readonly layout?: string;
  readonly internalAddress?: string;
  readonly publicAddress?: string;
  readonly publicBind?: string;
  readonly insideAddress?: string;
  readonly rendezvous?: string;
  readonly cloud?: string;
  readonly cloudFile?: string;
  readonly managerFile?: string;
  readonly user?: string;
  readonly certificates?: string;
  readonly publicPorts?: string;
  readonly images?: string;
  readonly owner?: string;
}

/** Asks one question; the answer, or the proposal where nothing was typed. */
export type Ask = (question: string, proposal?: string) => Promise<string>;

const QUESTIONS: readonly (readonly [key: keyof Flags, question: string, proposal?: (given: Flags) => string | undefined])[] = [
  ['domain', 'Domain of this member, such as example.org'],
  ['internalAddress', 'Address of the internal host, where users reach the API'],
  ['publicAddress', 'Address of the external host, as the world reaches it'],
  ['insideAddress', 'Address of the external host, as the internal host and machines reach it', ({ publicAddress }) => publicAddress],
  ['rendezvous', 'Address of the federation\'s Rendezvous, or "own" to run one', () => 'own'],
  ['cloud', 'Plugin of the cloud: cloud-openstack, cloud-containers, cloud-occi, no-cloud', () => 'no-cloud'],
  ['user', 'First user', () => 'admin'],
  ['certificates', 'Certificates: trial (an authority of our own) or files (yours)', () => 'trial'],
];
const DEFAULTS: Flags = { rendezvous: 'own', user: 'admin', certificates: 'trial', layout: 'two-hosts', publicPorts: '20000-30000', images: 'official', owner: '10001:10001' };
const CHOICES = { layout: ['two-hosts', 'all-in-one'], certificates: ['trial', 'files'], images: ['official', 'debian'] } as const;
/** A cloud's file may be given again without anything else. */
const NO_CLOUD: CloudAnswer = { plugin: 'no-cloud', settings: {}, credentials: {} };

/** Flags beat what was answered before, that beats the defaults; what nothing says is asked, or without `ask` a fault. */
export async function gatherAnswers(flags: Flags, folder: string, ask?: Ask): Promise<Answers> {
  const before = earlierAnswers(folder);
  const known: Flags = { ...(before ? flagsOf(before) : {}), ...flags };
  const given: Record<string, string | undefined> = { ...known };
  const asked = !before || Object.keys(flags).length === 0;
  for (const [key, question, proposal] of QUESTIONS) {
    if (flags[key] !== undefined || !ask || !asked) continue;
    given[key] = await ask(question, given[key] ?? proposal?.(given as Flags));
  }
  const missing = (['domain', 'internalAddress', 'publicAddress'] as const).filter((key) => !given[key]);
  if (missing.length > 0) throw new SetupFault(`Missing: ${missing.map((key) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`).join(', ')}.`, 2);
  return toAnswers({ ...DEFAULTS, ...defined(given) }, before);
}

const defined = (given: Record<string, string | undefined>): Record<string, string> => Object.fromEntries(Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined));

function toAnswers(given: Flags, before: Answers | undefined): Answers {
  for (const [key, choices] of Object.entries(CHOICES)) {
    const chosen = given[key as keyof Flags] ?? '';
    if (!(choices as readonly string[]).includes(chosen)) throw new SetupFault(`--${key} must be one of ${choices.join(', ')}, not ${JSON.stringify(chosen)}.`, 2);
  }
  const [from = NaN, to = NaN] = (given.publicPorts ?? '').split('-').map(Number);
  const [uid = NaN, gid = uid] = (given.owner ?? '').split(':').map(Number);
  const publicAddress = given.publicAddress ?? '';
  return {
    domain: given.domain ?? '', layout: given.layout as Layout, internalAddress: given.internalAddress ?? '', publicAddress,
    publicBind: given.publicBind ?? publicAddress, insideAddress: given.insideAddress ?? publicAddress, rendezvous: given.rendezvous ?? 'own',
    cloud: cloudOf(given, before?.cloud ?? NO_CLOUD), user: given.user ?? '', certificates: given.certificates as Answers['certificates'],
    publicPorts: { from, to }, images: given.images as Answers['images'], owner: { uid, gid },
    manager: given.managerFile === undefined ? before?.manager ?? {} : readMap(given.managerFile),
  };
}

function cloudOf({ cloud, cloudFile }: Flags, before: CloudAnswer): CloudAnswer {
  const plugin = cloud ?? before.plugin;
  if (cloudFile === undefined) return plugin === before.plugin ? before : { plugin, settings: {}, credentials: {} };
  const { settings = {}, credentials = {} } = readMap(cloudFile) as Partial<CloudAnswer>;
  return { plugin, settings, credentials };
}

function readMap(file: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SetupFault(`${file} cannot be read: ${(error as Error).message}`, 2);
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new SetupFault(`${file} must hold a map.`, 2);
  return content as Record<string, unknown>;
}

/** Undefined at the first run. */
export function earlierAnswers(folder: string): Answers | undefined {
  const file = join(folder, 'answers.yaml');
  return existsSync(file) ? readMap(file) as unknown as Answers : undefined;
}

/** What followed from the public address follows from the one that is given now. */
function flagsOf({ domain, layout, internalAddress, publicAddress, publicBind, insideAddress, rendezvous, cloud, user, certificates, publicPorts, images, owner }: Answers): Flags {
  return {
    domain, layout, internalAddress, publicAddress, rendezvous, cloud: cloud.plugin, user, certificates, images,
    ...(publicBind === publicAddress ? {} : { publicBind }), ...(insideAddress === publicAddress ? {} : { insideAddress }),
    publicPorts: `${publicPorts.from}-${publicPorts.to}`, owner: `${owner.uid}:${owner.gid}`,
  };
}
