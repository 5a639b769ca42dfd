import net from 'node:net';

/** Listens on a public port; rejects with the system's error when the port cannot be had, and may be called again then. */
export function bindPort(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void): void => {
      server.off('error', onError).off('listening', onListening);
      action();
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onListening = (): void => settle(resolve);
    server.once('error', onError).once('listening', onListening).listen({ host, port, exclusive: true });
  });
}

/** Tries whether a port of this host can be bound now, by binding it for a moment. */
export async function canBindPort(host: string, port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    await bindPort(server, host, port);
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
