import type { Command } from 'commander';
import { resolveOrderId } from '../api/resolve-order-id.js';
import type { Host } from '../host.js';
import { renderExplanation } from '../render/order-table.js';
import { connected, openSession, show } from '../session.js';
import { withExamples } from '../with-examples.js';

/** Both as `fogbow explain` and `fogbow order explain`. */
export function explainOrder(parent: Command, host: Host): void {
  const command = connected(parent.command('explain').description('Tell where an order went, why there, and why not elsewhere.'))
    .argument('<order>', 'its id, or the first characters of it')
    .action(async (given: string) => {
      const session = openSession(host, command);
      const order = await session.client.orders.show(await resolveOrderId(session.client, given));
      const { id, state, reason, failure, providingMember, placement, history } = order;
      const text = (): string => renderExplanation(order);
      show(session, { json: { id, state, reason, failure, providingMember, placement, history }, table: text, occi: text });
    });
  withExamples(command, [['fogbow explain 3f2a', 'the verdict on every member, and what happened since']]);
}
