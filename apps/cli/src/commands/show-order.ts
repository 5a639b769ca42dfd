import type { Command } from 'commander';
import { resolveOrderId } from '../api/resolve-order-id.js';
import type { Host } from '../host.js';
import { renderOcciOrder } from '../render/occi.js';
import { renderOrderDetail } from '../render/order-table.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';

export function showOrder(parent: Command, host: Host): void {
  const command = connected(parent.command('show').description('Show everything about one order, its history included.'))
    .argument('<order>', 'its id, or the first characters of it')
    .action(async (given: string) => {
      const session = openSession(host, command);
      const order = await session.client.orders.show(await resolveOrderId(session.client, given));
      show(session, { json: order, table: () => renderOrderDetail(order, host.now()), occi: () => renderOcciOrder(order) });
    });
  withExamples(command, [['fogbow order show 3f2a', 'the order whose id begins so'], ['fogbow order show 3f2a --output occi', 'as the original showed it']]);
}
