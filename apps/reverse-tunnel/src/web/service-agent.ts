import http from 'node:http';
import type { ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import { knock } from '../sessions/knock.js';

/** So many idle connections to one service wait for the next request, for so long; machines close theirs after five seconds or later. */
const IDLE_PER_SERVICE = 8;
const IDLE_MS = 3000;

/** Connections to web services by their port, through the session that holds it. */
export function createServiceAgent(doorKey: Buffer): http.Agent {
  const agent = new http.Agent({ keepAlive: true, maxFreeSockets: IDLE_PER_SERVICE, timeout: 0 });
  const open = (options: ClientRequestArgs, done: (error: Error | null, socket?: Socket) => void): undefined => {
    void knock(Number(options.port), doorKey).then((socket) => done(null, socket), (error: unknown) => done(error as Error));
    return undefined;
  };
  const keepForAWhile = agent.keepSocketAlive.bind(agent);
  return Object.assign(agent, {
    createConnection: open,
    keepSocketAlive(socket: Socket): boolean {
      const isKept = Boolean(keepForAWhile(socket as never));
      // The machine may have told a shorter time.
      socket.setTimeout(Math.min(socket.timeout || IDLE_MS, IDLE_MS));
      return isKept;
    },
  });
}
