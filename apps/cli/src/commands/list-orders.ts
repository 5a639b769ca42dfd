import type { Command } from 'commander';
import type { ListQuery } from '../api/manager-client.js';
import { usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { renderOrderLocations } from '../render/occi.js';
import { renderOrderTable } from '../render/order-table.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';

export function listOrders(parent: Command, host: Host): void {
  const command = connected(parent.command('list').alias('ls').description('List your orders.'))
    .option('--state <states>', 'only those in these states, separated by commas')
    .option('--batch <id>', 'only those made together')
    .option('--kind <kind>', 'only compute, storage, network or attachment')
    .option('--type <type>', 'only one-time or persistent')
    .option('--provider <member>', 'only those served there')
    .option('--sort <field>', 'createdAt, or -createdAt for the newest first')
    .option('--fields <names>', 'only these fields, separated by commas (with --output json)')
    .option('--limit <n>', 'the first n (all)')
    .action(async ({ limit, ...query }: ListQuery & { readonly limit?: string }) => {
      const session = openSession(host, command);
      const orders = await session.client.orders.list(filtersOf(query), limitOf(limit));
      show(session, {
        json: orders,
        table: () => renderOrderTable(orders, host.now(), widthOf(host)),
        occi: () => renderOrderLocations(session.connection.url, orders),
      });
    });
  withExamples(command, [
    ['fogbow order list', 'all of them'],
    ['fogbow order list --state open,pending,spawning', 'those still on their way'],
    ['fogbow order list --output json | jq -r ".[].ssh.port"', 'for scripts'],
  ]);
}

/** A pipe takes lines of any length. */
export const widthOf = ({ terminal }: Host): number => (terminal.isInteractive ? terminal.columns : Infinity);

/** Options of the connection stand among the command's own. */
function filtersOf({ state, batch, kind, type, provider, sort, fields }: ListQuery): ListQuery {
  return { ...(state ? { state } : {}), ...(batch ? { batch } : {}), ...(kind ? { kind } : {}), ...(type ? { type } : {}), ...(provider ? { provider } : {}), ...(sort ? { sort } : {}), ...(fields ? { fields } : {}) };
}

export function limitOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,8}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw usageError(`--limit takes a whole number of at least 1; "${text}" is not that.`);
}
