import type { Socket } from 'node:net';
import { siteOf } from '@fogbow/service-runtime';

/** Keeps the connections of the web port few: in all, and from one address. */
export function createConnectionGate(limits: { readonly connections: number; readonly connectionsPerAddress: number }): (socket: Socket) => boolean {
  const perSite = new Map<string, number>();
  let all = 0;
  return (socket) => {
    const site = siteOf(socket.remoteAddress);
    const here = perSite.get(site) ?? 0;
    if (all >= limits.connections || here >= limits.connectionsPerAddress) {
      socket.on('error', () => undefined).destroy();
      return false;
    }
    all++;
    perSite.set(site, here + 1);
    socket.once('close', () => {
      all--;
      const left = (perSite.get(site) ?? 1) - 1;
      if (left > 0) perSite.set(site, left);
      else perSite.delete(site);
    });
    return true;
  };
}
