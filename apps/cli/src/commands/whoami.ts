import type { Command } from 'commander';
import type { Host } from '../host.js';
import { renderUser } from '../render/federation-table.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';

export function whoami(program: Command, host: Host): void {
  const command = connected(program.command('whoami').description('Show who you are to the Manager, and what you may use.')).action(async () => {
    const session = openSession(host, command);
    const user = await session.client.me();
    const text = (): string => renderUser(user, session.connection);
    show(session, { json: user, table: text, occi: text });
  });
  withExamples(command, [['fogbow whoami', 'also a quick test of address and token']]);
}
