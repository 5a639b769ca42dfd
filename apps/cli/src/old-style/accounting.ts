import type { Command } from 'commander';
import type { Host } from '../host.js';
import { renderAccounting } from '../render/federation-table.js';
import { renderOcciAccounting } from '../render/occi.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';

/** Old and new at once: without options it prints what the original's server did. */
export function accounting(program: Command, host: Host): void {
  const command = connected(program.command('accounting').description('Show who used what of whom (for administrators).')).action(async () => {
    const session = openSession(host, command, 'occi');
    const lines = await session.client.federation.accounting();
    show(session, { json: lines, table: () => renderAccounting(lines), occi: () => renderOcciAccounting(lines) });
  });
  withExamples(command, [['fogbow accounting', 'as the original printed it'], ['fogbow accounting --output table', 'for people']]);
}
