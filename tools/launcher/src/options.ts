import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SetupError } from '@fogbow/embedded-servers';

/** The cloud of a member: a plugin's name, and a YAML file with its `settings` and `credentials` when it is not an embedded one. */
export interface CloudChoice {
  readonly plugin: string;
  readonly file?: string;
}

export const XMPP_CHOICES = ['router', 'prosody', 'websocket'] as const;
export type XmppChoice = (typeof XMPP_CHOICES)[number];

export interface LauncherOptions {
  readonly command: 'start' | 'stop' | 'help';
  /** Absolute. */
  readonly data: string;
  readonly portBase: number;
  readonly members: number;
  /** By letter of the member. */
  readonly clouds: Readonly<Record<string, CloudChoice>>;
  /** What carries the messages between members: our own router for all, or a Prosody for each member, whose Manager is a component of it or a client over WebSocket. */
  readonly xmpp: XmppChoice;
  readonly fresh: boolean;
  readonly detach: boolean;
  readonly install: boolean;
}

export const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** Ports: a block of 100 for the shared servers, then one for each member. */
export const PORT_BLOCK = 100;

export const USAGE = `Usage: npm start [-- OPTIONS]   brings up a federation on this machine; Ctrl-C ends it
       npm stop [-- --data DIR]  ends one, also one that was started with --detach

  --data DIR        where everything is kept (default: .fogbow in the clone)
  --port-base N     first of the ports, ${PORT_BLOCK} per member and ${PORT_BLOCK} more (default: 28000)
  --members N       how many members, a, b, c … (default: 2)
  --cloud-a NAME    cloud plugin of member a, likewise -b, -c … (default: cloud-local; also cloud-fake,
                    or NAME=FILE, a YAML file with the plugin's settings and credentials,
                    and dialHost: the address of this host for machines of that cloud)
  --xmpp NAME       router (default), or prosody: a real XMPP server for each member, with TLS between them,
                    or websocket: the same, and the members are its clients over WebSocket
  --fresh           forget everything that DIR holds: before a start, or after a stop
  --detach          return when all is healthy, and leave it running
  --no-install      do not install a missing Redis or Prosody with apt-get
  --help            show this
`;

/** Reads the command line; faults are sentences. Paths are taken relative to `cwd`. */
export function readOptions(argv: readonly string[], root: string, cwd: string): LauncherOptions {
  const { values, positionals } = parse(argv);
  const command = values['help'] ? 'help' : positionals[0] ?? 'start';
  if (command !== 'start' && command !== 'stop' && command !== 'help') throw new SetupError(`There is no command ${command}; see npm start -- --help.`);
  const members = wholeNumber('--members', values['members'], 1, LETTERS.length);
  return {
    command, members,
    data: values['data'] === undefined ? resolve(root, '.fogbow') : resolve(cwd, String(values['data'])),
    portBase: wholeNumber('--port-base', values['port-base'], 1024, 65_536 - PORT_BLOCK * (members + 1)),
    clouds: Object.fromEntries(LETTERS.slice(0, members).map((letter) => [letter, readCloud(values[`cloud-${letter}`], cwd)])),
    xmpp: readXmpp(values['xmpp']),
    fresh: values['fresh'] === true, detach: values['detach'] === true, install: values['no-install'] !== true,
  };
}

function parse(argv: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const text = { type: 'string' as const };
  const flag = { type: 'boolean' as const };
  const clouds = Object.fromEntries(LETTERS.map((letter) => [`cloud-${letter}`, text]));
  try {
    return parseArgs({
      args: [...argv], allowPositionals: true,
      options: {
        ...clouds, data: text, 'port-base': { ...text, default: '28000' }, members: { ...text, default: '2' }, xmpp: { ...text, default: 'router' },
        fresh: flag, detach: flag, 'no-install': flag, help: flag,
      },
    });
  } catch (error) {
    throw new SetupError(`${(error as Error).message.split('. ')[0]}; see npm start -- --help.`);
  }
}

function wholeNumber(option: string, raw: unknown, least: number, most: number): number {
  const value = Number(raw);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new SetupError(`${option} must be a whole number from ${least} to ${most}, not ${String(raw)}.`);
}

function readCloud(raw: unknown, cwd: string): CloudChoice {
  const [plugin = '', file] = String(raw ?? 'cloud-local').split(/=(.*)/s);
  return file === undefined ? { plugin } : { plugin, file: resolve(cwd, file) };
}

function readXmpp(raw: unknown): XmppChoice {
  const choice = XMPP_CHOICES.find((name) => name === raw);
  if (choice === undefined) throw new SetupError(`--xmpp must be ${XMPP_CHOICES.join(', ')}, not ${String(raw)}.`);
  return choice;
}
