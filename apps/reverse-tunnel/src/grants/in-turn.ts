import { FogbowError } from '@fogbow/plugin-contracts';
import type { GrantDesk } from './make-grant.js';
import { PoolConflict } from './pool-conflict.js';

/** Each conflict teaches this host one thing that it did not know. A grant that so many change at once is nobody's honest wish; ports there are more. */
const TRIES = 20;
const MOST_PORTS = 65_536;

/** A change of one grant: after those of this process that came before it, and decided anew when another host was quicker. */
export const inTurn = <Result>(desk: GrantDesk, id: string, change: () => Promise<Result>): Promise<Result> => desk.turns(id, async () => {
  for (let [tries, ports] = [0, 0]; ;) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof PoolConflict)) throw error;
      desk.log.debug('another host was quicker', { grantId: id, error: error.message });
      if (error.taken) ports += 1;
      else tries += 1;
      if (tries === TRIES || ports === MOST_PORTS) throw new FogbowError('unavailable', 'The hosts of the tunnel do not agree; ask again.', { cause: error });
      if (error.taken) noteTaken(desk, error.taken);
    }
  }
});

/** Of a grant that lives the port is known by now; else it rests, and its holder alone may have it. */
function noteTaken({ store, ports: { table, now } }: GrantDesk, { port, holder }: { readonly port: number; readonly holder: string }): void {
  if (store.get(holder)?.services.some((service) => service.port === port)) return;
  table.restore(port, holder);
  table.release(port, now());
}
