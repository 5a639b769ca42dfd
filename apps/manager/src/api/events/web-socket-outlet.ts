import type { WebSocket } from 'ws';
import type { Farewell, Outlet } from '../../events/follow-orders.js';

const GOODBYE_MS = 5000;
const CLOSE_CODES: Readonly<Record<Farewell, number>> = { stopping: 1001, 'too-slow': 1013, 'not-allowed': 1008, fault: 1011 };

/** WebSocket: a text message is a notice; the close frame's reason says in JSON from where to resume. A ping carries the position. */
export function openWebSocketOutlet(socket: WebSocket): Outlet {
  const gone = new AbortController();
  let isAlive = true;
  socket.on('close', () => gone.abort()).on('error', () => gone.abort()).on('pong', () => { isAlive = true; });
  return {
    gone: gone.signal,
    async send(notices) {
      await Promise.all(notices.map((notice) => new Promise<void>((resolve, reject) => {
        socket.send(JSON.stringify(notice), (error) => (error ? reject(error) : resolve()));
      })));
    },
    beat(at) {
      // The ping before this one was not answered: nobody is there.
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping(String(at));
    },
    end(reason, resumeAfter) {
      const cut = setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
      socket.once('close', () => clearTimeout(cut));
      socket.close(CLOSE_CODES[reason], JSON.stringify({ reason, resumeAfter }));
    },
  };
}
