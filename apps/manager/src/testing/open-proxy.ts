import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** A TCP port in front of a server, which can be cut and joined again: so a shared server is away for one test only. */
export interface TestProxy {
  readonly port: number;
  /** Ends all connections and refuses new ones. */
  cut(): Promise<void>;
  join(): Promise<void>;
}

export async function openProxy(target: { readonly host: string; readonly port: number } | { readonly path: string }): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const listen = (port: number): Promise<number> => new Promise((resolve, reject) => {
    server = createServer((near) => {
      const far = createConnection(target);
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one);
        one.pipe(other);
        one.on('error', () => other.destroy()).on('close', () => { sockets.delete(one); other.destroy(); });
      }
    });
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve((server?.address() as { port: number }).port));
  });
  const port = await listen(0);
  return {
    port,
    async cut() {
      const closed = new Promise<void>((resolve) => { if (server?.listening) server.close(() => resolve()); else resolve(); });
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    join: async () => void await listen(port),
  };
}
