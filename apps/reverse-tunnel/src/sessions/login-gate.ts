import type { Socket } from 'node:net';

export interface LoginLimits {
  /** A connection that has not logged in after this time (ms) is closed. */
  readonly graceMs: number;
  /** Connections that have not logged in, in all and from one address. */
  readonly unauthenticated: number;
  readonly unauthenticatedPerAddress: number;
}

/** Keeps strangers few and short: ssh2 itself has neither a login timer nor limits. */
export interface LoginGate {
  /** False, and the socket is destroyed, when too many strangers are here already. */
  admit(socket: Socket): boolean;
  /** The connection behind this socket has logged in. */
  passed(socket: Socket): void;
  strangers(): number;
}

export function createLoginGate(limits: LoginLimits): LoginGate {
  const timers = new Map<Socket, NodeJS.Timeout>();
  const perAddress = new Map<string, number>();
  const addressOf = new WeakMap<Socket, string>();
  const forget = (socket: Socket): void => {
    const timer = timers.get(socket);
    if (!timer) return;
    clearTimeout(timer);
    timers.delete(socket);
    const address = addressOf.get(socket) ?? '';
    const left = (perAddress.get(address) ?? 1) - 1;
    if (left > 0) perAddress.set(address, left);
    else perAddress.delete(address);
  };
  return {
    admit(socket) {
      const address = socket.remoteAddress ?? '';
      const here = perAddress.get(address) ?? 0;
      if (timers.size >= limits.unauthenticated || here >= limits.unauthenticatedPerAddress) {
        socket.destroy();
        return false;
      }
      addressOf.set(socket, address);
      perAddress.set(address, here + 1);
      timers.set(socket, setTimeout(() => socket.destroy(), limits.graceMs));
      socket.once('close', () => forget(socket));
      return true;
    },
    passed: forget,
    strangers: () => timers.size,
  };
}
