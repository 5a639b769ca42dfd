import type { Amount } from '@fogbow/request-model';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { MoveOrders } from '../orders/move-orders.js';
import type { OrderStore } from '../orders/order-store.js';
import { giveWay } from './give-way.js';
import type { KeptRoomStore } from './kept-room.js';
import type { Victim } from './plan-room.js';

/** Who gives way to one order, and how much room that order needs. */
export interface RoomToMake {
  readonly orderId: string;
  readonly takes: Amount;
  readonly victims: readonly Victim[];
}

export interface MakeRoomOptions {
  readonly store: Pick<OrderStore, 'getMany'>;
  readonly moveOrders: MoveOrders;
  readonly kept: Pick<KeptRoomStore, 'keep'>;
  readonly keepForMs: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/**
 * Takes the machines from those who give way and keeps the room for the order that needs it. Nobody is touched when one of them has changed since
 * the plan: the order is planned anew.
 */
export function createMakeRoom({ store, moveOrders, kept, keepForMs, clock, log }: MakeRoomOptions): (rooms: readonly RoomToMake[]) => Promise<void> {
  return async (rooms) => {
    for (const { orderId, takes, victims } of rooms.filter((room) => room.victims.length > 0)) {
      const reasons = new Map(victims.map(({ id, reason }) => [id, reason]));
      const holders = (await store.getMany([...reasons.keys()])).filter(({ state }) => state === 'fulfilled');
      if (holders.length < victims.length) continue;
      const moved = await moveOrders(holders.map((holder) => giveWay(holder, reasons.get(holder.id) ?? '', clock.now())));
      // Those that did not move now went by themselves a moment ago.
      await kept.keep(orderId, takes, keepForMs);
      log.info('machines gave way to an order', { order: orderId, victims: [...moved.keys()] });
    }
  };
}
