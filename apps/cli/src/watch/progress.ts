import type { OrderView } from '../api/views.js';
import type { Terminal } from '../host.js';
import { orderLine } from './order-line.js';

/** Shows orders while they change. */
export interface Progress {
  update(orders: readonly OrderView[]): void;
}

/** For people: one line an order, rewritten in place. For pipes, and where the lines would not fit: a line for each change. */
export function createProgress(terminal: Terminal, count: number): Progress {
  return terminal.isInteractive && count < terminal.rows - 1 ? liveProgress(terminal) : plainProgress(terminal);
}

function plainProgress(terminal: Terminal): Progress {
  const shown = new Map<string, string>();
  return {
    update(orders) {
      for (const order of orders) {
        const line = orderLine(order);
        if (shown.get(order.id) === line) continue;
        shown.set(order.id, line);
        terminal.write(`${line}\n`);
      }
    },
  };
}

const UP = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '');
const CLEAR_LINE = '\u001b[2K';

function liveProgress(terminal: Terminal): Progress {
  let shown: string[] = [];
  return {
    update(orders) {
      const lines = orders.map((order) => fit(orderLine(order), terminal.columns));
      if (lines.join('\n') === shown.join('\n')) return;
      terminal.write(UP(shown.length) + lines.map((line) => `\r${CLEAR_LINE}${line}\n`).join(''));
      shown = lines;
    },
  };
}

/** A line that wraps would be counted as one and rewritten as two. */
const fit = (line: string, columns: number): string => (line.length >= columns && columns > 1 ? `${line.slice(0, columns - 2)}…` : line);
