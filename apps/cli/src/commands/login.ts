import { resolve } from 'node:path';
import type { Command } from 'commander';
import { createHttpConnection } from '../api/http-connection.js';
import { createManagerClient } from '../api/manager-client.js';
import type { ManagerClient } from '../api/manager-client.js';
import { CliError, EXIT, refused } from '../cli-error.js';
import { DEFAULT_URL, normalUrl } from '../config/choose-connection.js';
import { checkProfileName, profileNamed, withProfile } from '../config/profile.js';
import type { Profile, Profiles } from '../config/profile.js';
import { openProfileStore } from '../config/profile-store.js';
import type { Host } from '../host.js';
import { printable } from '../render/printable.js';
import { checkToken, connected, seconds, tokenIn } from '../session.js';
import { withExamples } from '../with-examples.js';
import { collect } from './collect.js';
import { parseCredentials } from './parse-credentials.js';

interface Flags {
  readonly url?: string;
  readonly authToken?: string;
  readonly authFile?: string;
  readonly profile?: string;
  readonly timeout?: string;
  readonly credential?: readonly string[];
  readonly publicKey?: string;
  readonly identityFile?: string;
  readonly check: boolean;
}

export function login(program: Command, host: Host): void {
  const command = connected(program.command('login').description('Store the address of a Manager and your token as a profile, and use it from now on. Asks for the token when none is given.'))
    .option('-D, --credential <key=value>', 'get a token for these credentials instead; may be repeated', collect)
    .option('--public-key <file>', 'public key for the machines that you order')
    .option('--identity-file <file>', 'private key for fogbow ssh')
    .option('--no-check', 'do not ask the Manager whether the token is good')
    .action(() => run(host, command.optsWithGlobals<Flags>()));
  withExamples(command, [
    ['fogbow login --url https://manager.example.org', 'asks for the token'],
    ['fogbow login --url https://manager.example.org --profile work < token-file', 'takes it from a file, as another profile'],
    ['fogbow login -D username=alice -D password=secret', 'for credentials, where the Manager gives tokens'],
  ]);
}

async function run(host: Host, flags: Flags): Promise<void> {
  const store = openProfileStore(host);
  const known = store.read();
  const { env } = host.surroundings;
  const asked = flags.profile ?? (env['FOGBOW_PROFILE'] || undefined);
  const old = asked === undefined ? undefined : profileNamed(known, asked);
  const url = normalUrl(flags.url ?? (env['FOGBOW_URL'] || undefined) ?? old?.url ?? DEFAULT_URL);
  const name = asked === undefined ? nameFor(url, known) : checkProfileName(asked);
  const client = (token?: string): ManagerClient => createManagerClient(createHttpConnection({ url, timeoutMs: seconds(flags.timeout ?? '30', '--timeout') * 1000, signal: host.signal, ...(token ? { token } : {}) }));
  const token = await tokenFor(host, flags, client);
  const user = flags.check ? await client(token).me() : undefined;
  store.write(withProfile(known, name, { ...keysOf(profileNamed(known, name)), url, token, ...givenKeys(flags) }));
  host.terminal.write(printable(`Logged in to ${url}${user ? ` as ${user.name ?? user.id}` : ''}; kept as profile ${name} in ${store.file}`) + '\n');
}

/** The profile of that Manager, else one that does not take another's place. */
function nameFor(url: string, known: Profiles): string {
  const same = Object.entries(known.profiles).find(([, profile]) => profile.url === url)?.[0];
  return same ?? (profileNamed(known, 'default') ? new URL(url).host.replaceAll(/[^\w.-]/g, '-') : 'default');
}

async function tokenFor(host: Host, flags: Flags, client: () => ManagerClient): Promise<string> {
  const credentials = parseCredentials(flags.credential);
  if (credentials) return (await client().createToken(credentials)).token;
  const given = flags.authToken ?? (flags.authFile === undefined ? undefined : tokenIn(flags.authFile)) ?? (host.surroundings.env['FOGBOW_TOKEN'] || undefined);
  const token = given ?? (await host.terminal.askSecret('Token: ')).trim();
  if (host.signal.aborted) throw new CliError('Interrupted.', EXIT.interrupted);
  if (token === '') throw refused('No token was given.', 'Type it, pipe it in, or use --auth-file FILE.');
  return checkToken(token);
}

const keysOf = (profile: Profile | undefined): Partial<Profile> => ({ ...(profile?.publicKey ? { publicKey: profile.publicKey } : {}), ...(profile?.identityFile ? { identityFile: profile.identityFile } : {}) });
const givenKeys = ({ publicKey, identityFile }: Flags): Partial<Profile> => ({ ...(publicKey ? { publicKey: resolve(publicKey) } : {}), ...(identityFile ? { identityFile: resolve(identityFile) } : {}) });

export function logout(program: Command, host: Host): void {
  const command = program.command('logout').description('Forget the token of a profile; its address stays.').argument('[profile]', 'its name (the current one)')
    .action((given: string | undefined) => {
      const store = openProfileStore(host);
      const known = store.read();
      const name = given ?? (host.surroundings.env['FOGBOW_PROFILE'] || undefined) ?? known.current ?? '';
      const profile = profileNamed(known, name);
      if (!profile) throw refused(name ? `There is no profile "${name}".` : 'Nobody is logged in.');
      store.write({ ...known, profiles: { ...known.profiles, [name]: { url: profile.url, ...keysOf(profile) } } });
      host.terminal.write(`Forgot the token of profile ${name}.\n`);
    });
  withExamples(command, [['fogbow logout', 'the current profile'], ['fogbow logout work', 'another one']]);
}
