import net from 'node:net';

/** Listens on a public port; rejects with the system's error when the port cannot be had. */
export function bindPort(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
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
