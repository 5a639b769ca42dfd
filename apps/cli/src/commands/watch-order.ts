import type { Command } from 'commander';
import { resolveOrderId } from '../api/resolve-order-id.js';
import { refused } from '../cli-error.js';
import type { Host, Terminal } from '../host.js';
import { renderJson } from '../render/json.js';
import { connected, openSession, seconds } from '../session.js';
import type { Session } from '../session.js';
import { createProgress } from '../watch/progress.js';
import { watchOrders } from '../watch/watch-orders.js';
import { withExamples } from '../with-examples.js';

export function watchOrder(parent: Command, host: Host): void {
  const command = connected(parent.command('watch').description('Show the progress of orders until they are settled.'))
    .argument('<orders...>', 'ids, or their first characters')
    .option('--watch-timeout <seconds>', 'stop watching after that time')
    .action(async (orders: string[], flags: { readonly watchTimeout?: string }) => {
      const session = openSession(host, command);
      const ids: string[] = [];
      for (const order of orders) ids.push(await resolveOrderId(session.client, order));
      await follow(session, ids, flags.watchTimeout);
    });
  withExamples(command, [['fogbow order watch 3f2a', 'until the order that begins with 3f2a runs or fails']]);
}

/** Watches to the end; refuses when not all of them are there then. */
export async function follow(session: Session, ids: readonly string[], timeout?: string): Promise<void> {
  const { host, client, output } = session;
  // Results alone go to standard output when a program reads it.
  const progress = createProgress(output === 'table' ? host.terminal : notesOnly(host.terminal), ids.length);
  const orders = await watchOrders({
    client, ids, signal: host.signal, onChange: (now) => progress.update(now), ...(timeout === undefined ? {} : { timeoutMs: seconds(timeout, '--watch-timeout') * 1000 }),
  });
  if (output === 'json') host.terminal.write(`${renderJson(orders)}\n`);
  const lost = orders.filter(({ state }) => state !== 'fulfilled');
  if (lost.length > 0) throw refused(`${lost.length} of ${orders.length} came to nothing.`, `See why with: fogbow order explain ${lost[0]?.id}`);
}

const notesOnly = (terminal: Terminal): Terminal => ({ ...terminal, isInteractive: false, write: (text) => terminal.note(text) });
