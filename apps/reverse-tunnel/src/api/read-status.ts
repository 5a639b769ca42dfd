import type { Control } from '../control/start-control.js';
import type { TunnelStatus } from './status-router.js';

type Rest = Pick<TunnelStatus, 'endpoint' | 'hosts' | 'grants' | 'ports' | 'eventsWaiting'>;

/** What all workers say; one that does not answer in time is one that has no sessions for now. */
export async function readStatus(control: Control, rest: Rest): Promise<TunnelStatus> {
  const said = await Promise.all(control.pool.workers().map((worker) => worker.list().catch(() => [])));
  const bySession = new Map(said.flat().map((status) => [status.sessionId, status]));
  return {
    ...rest, strangers: control.strangers(), penalised: control.penalised(), workers: control.pool.loads(),
    sessions: control.directory.list().map(({ grantId, since, address, sessionId }) => {
      const { services = [], up = 0, down = 0 } = bySession.get(sessionId) ?? {};
      return { grantId, since, remoteAddress: address, services, up, down };
    }),
  };
}
