import type { Command } from 'commander';
import { resolveOrderId } from '../api/resolve-order-id.js';
import { CliError, refused, usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { printable } from '../render/printable.js';
import { connected, openSession, show } from '../session.js';
import type { Session } from '../session.js';
import { withExamples } from '../with-examples.js';

export function deleteOrder(parent: Command, host: Host): void {
  const command = connected(parent.command('delete').alias('rm').description('Delete orders and the machines, volumes or networks behind them.'))
    .argument('[orders...]', 'ids, or their first characters')
    .option('--all', 'every order of yours')
    .action(async (orders: string[], { all }: { readonly all?: boolean }) => {
      if (all ? orders.length > 0 : orders.length === 0) throw usageError('Name the orders to delete, or say --all.', 'See them with: fogbow order list');
      const session = openSession(host, command);
      if (all) return deleteAll(session);
      const resolve = (given: string): Promise<string> => resolveOrderId(session.client, given);
      await deleteEach(session, orders, async (given) => session.client.orders.remove(await resolve(given)));
    });
  withExamples(command, [['fogbow order delete 3f2a 77b0', 'two orders'], ['fogbow order delete --all', 'everything that you ordered']]);
}

export async function deleteAll(session: Session): Promise<void> {
  const deleted = await session.client.orders.removeAll();
  show(session, { json: { deleted }, table: () => `Deleted ${deleted ?? 'all'} order(s).`, occi: () => 'Ok' });
}

/** One after the other; those that are refused do not hold up the rest. */
export async function deleteEach(session: Session, given: readonly string[], remove: (id: string) => Promise<void>): Promise<void> {
  const deleted: string[] = [];
  for (const id of given) {
    try {
      await remove(id);
      deleted.push(id);
    } catch (error) {
      if (given.length === 1 || !(error instanceof CliError) || error.status === undefined) throw error;
      session.host.terminal.note(printable(`${id}: ${error.message}`) + '\n');
    }
  }
  show(session, { json: { deleted }, table: () => deleted.map((id) => `Deleted ${id}`).join('\n') || 'Deleted nothing.', occi: () => (deleted.length > 0 ? 'Ok' : '') });
  if (deleted.length < given.length) throw refused(`${given.length - deleted.length} of ${given.length} could not be deleted.`);
}
