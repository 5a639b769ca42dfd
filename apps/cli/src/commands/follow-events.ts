import type { Command } from 'commander';
import type { EventView } from '../api/views.js';
import { CliError, EXIT, usageError } from '../cli-error.js';
import type { Host } from '../host.js';
import { renderJson } from '../render/json.js';
import { printable } from '../render/printable.js';
import { connected, openSession } from '../session.js';
import { withExamples } from '../with-examples.js';
import { resolveOrderId } from '../api/resolve-order-id.js';
import { limitOf } from './list-orders.js';

interface Flags { readonly after?: string; readonly order?: string; readonly limit?: string }

export function followEventsCommand(program: Command, host: Host): void {
  const command = connected(program.command('events').description('Follow the moves of your orders as they happen; goes on by itself after a disconnect. Ctrl-C ends it.'))
    .option('--after <position>', 'begin behind this position; 0 is the very beginning (from now on)')
    .option('--order <id>', 'only those of one order')
    .option('--limit <n>', 'end after n events')
    .action((flags: Flags) => run(host, command, flags));
  withExamples(command, [
    ['fogbow events', 'from now on'],
    ['fogbow events --after 0 --limit 20', 'the first twenty'],
    ['fogbow events --output json --after 4711', 'one JSON object a line, from where a script stopped'],
  ]);
}

async function run(host: Host, command: Command, flags: Flags): Promise<void> {
  const session = openSession(host, command);
  const most = limitOf(flags.limit) ?? Infinity;
  const only = flags.order === undefined ? undefined : await resolveOrderId(session.client, flags.order);
  const after = flags.after === undefined ? undefined : positionOf(flags.after);
  const onBreak = (reason: string): void => host.terminal.note(`Disconnected (${printable(reason)}); connecting again.\n`);
  let shown = 0;
  for await (const event of session.client.events({ signal: host.signal, onBreak, ...(after === undefined ? {} : { after }) })) {
    if (only !== undefined && event.orderId !== only) continue;
    host.terminal.write(`${session.output === 'json' ? renderJson(event, 0) : eventLine(event)}\n`);
    if ((shown += 1) >= most) return;
  }
  throw new CliError('Interrupted.', EXIT.interrupted);
}

function positionOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usageError(`--after takes the position of an event; "${text}" is not one.`);
}

export function eventLine(event: EventView): string {
  const place = event.provider ? `at ${event.provider}` : '';
  const parts = [event.at, String(event.position).padStart(6), event.orderId, `${event.from ?? '(new)'} → ${event.to}`, event.event, place, event.reason ?? ''];
  return printable(parts.filter(Boolean).join('  '));
}
