import { parseClientToken } from '@fogbow/request-model';
import { machinesIn } from '../machines.js';

/** Looks ten times a second whether an order has two machines. */
export interface MachineWatch {
  /** How many orders with a machine were seen so far, and which of them had two at once. */
  seen(): { readonly orders: number; readonly doubles: readonly string[] };
  stop(): void;
}

const EVERY_MS = 100;

export function watchMachines(cloudDirectories: readonly string[], members: readonly string[]): MachineWatch {
  const [all, doubles] = [new Set<string>(), new Set<string>()];
  const look = (): void => {
    const orders = cloudDirectories.flatMap((directory, index) => tokensIn(directory).flatMap((token) => parseClientToken(members[index] as string, token)?.orderId ?? []));
    for (const [index, order] of orders.entries()) (orders.indexOf(order) === index ? all : doubles).add(order);
  };
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return {
    seen: () => ({ orders: all.size, doubles: [...doubles] }),
    stop: () => clearInterval(timer),
  };
}

/** A machine that is being made or removed has no readable file. */
function tokensIn(directory: string): string[] {
  try {
    return machinesIn(directory).map(({ clientToken }) => clientToken);
  } catch {
    return [];
  }
}
