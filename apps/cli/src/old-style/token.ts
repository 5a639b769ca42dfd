import type { Command } from 'commander';
import { collect } from '../commands/collect.js';
import { parseCredentials } from '../commands/parse-credentials.js';
import { CliError, EXIT, usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { renderUser } from '../render/federation-table.js';
import { connected, openSession, show } from '../session.js';
import type { Session } from '../session.js';
import { withExamples } from '../with-examples.js';

interface Flags { readonly create?: boolean; readonly info?: boolean | string; readonly check?: boolean | string; readonly type?: string; readonly credential?: readonly string[] }

/** `fogbow token --create|--info|--check`. */
export function oldToken(program: Command, host: Host): void {
  const command = connected(program.command('token').description('Tokens, in the style of the original; new: fogbow login, whoami.'))
    .option('--create', 'get one for the credentials of -D').option('--info [token]', 'whose it is').option('--check [token]', 'whether it is good')
    .option('--type <plugin>', 'kind of credentials').option('-D, --credential <key=value>', 'one of the credentials; may be repeated', collect)
    .action((flags: Flags) => run(host, command, flags));
  withExamples(command, [
    ['fogbow token --create -Dusername=alice -Dpassword=secret', 'print a token'],
    ['fogbow token --check --auth-file token', 'Token Valid, or Token Unauthorized'],
  ]);
}

async function run(host: Host, command: Command, flags: Flags): Promise<void> {
  const given = [flags.create, flags.info, flags.check].filter((flag) => flag !== undefined);
  if (given.length !== 1) throw usageError('Say one of --create, --info and --check.', 'See: fogbow token --help');
  const token = [flags.info, flags.check].find((flag) => typeof flag === 'string');
  if (typeof token === 'string') command.setOptionValue('authToken', token);
  const session = openSession(host, command, 'occi');
  if (flags.create) return create(session, flags);
  return flags.check === undefined ? info(session) : check(session);
}

async function create(session: Session, { credential, type }: Flags): Promise<void> {
  const credentials = parseCredentials(credential);
  if (!credentials) throw usageError('Name the credentials: -Dusername=… -Dpassword=…');
  const answer = await session.client.createToken(credentials, type);
  show(session, { json: answer, table: () => answer.token, occi: () => answer.token });
}

async function info(session: Session): Promise<void> {
  const user = await session.client.me();
  const text = (): string => renderUser(user, session.connection);
  show(session, { json: user, table: text, occi: text });
}

async function check(session: Session): Promise<void> {
  try {
    await session.client.me();
    show(session, { json: { valid: true }, table: () => 'Token Valid', occi: () => 'Token Valid' });
  } catch (error) {
    if (!(error instanceof CliError) || error.status !== 401) throw error;
    show(session, { json: { valid: false }, table: () => 'Token Unauthorized', occi: () => 'Token Unauthorized' });
    throw new CliError(error.message, EXIT.refused);
  }
}
