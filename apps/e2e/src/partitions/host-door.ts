import { fork } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type { DoorAnswer, DoorRequest } from './door-process.js';

/** Leads from us, who are on no host, to what listens on one; the networks of the hosts stay as they are. */
export interface HostDoor {
  /** A port of our own 127.0.0.1 that leads there. */
  open(port: number, host?: string): Promise<number>;
  /** What a program on the host meets when it connects there: `open`, or why not. Takes less than a second. */
  probe(host: string, port: number): Promise<string>;
  close(): void;
}

/** The argument that makes the program of the story a door; see door-process.ts. */
export const DOOR = 'door';

/** `by` are the words by which a program runs on the host; `program` is called with {@link DOOR}. */
export function createHostDoor(by: readonly string[], program: string): HostDoor {
  const [command = '', ...words] = by;
  const child = fork(program, [DOOR], { execPath: command, execArgv: [...words, process.execPath], detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const servers: Server[] = [];
  const waiting = new Map<number, (outcome: string) => void>();
  let probes = 0;
  const closeAll = (): void => {
    for (const server of servers) server.close();
    for (const [probe, answer] of waiting) { waiting.delete(probe); answer('the door is closed'); }
  };
  child.on('error', closeAll).on('exit', closeAll);
  child.on('message', ({ probe, outcome }: DoorAnswer) => { waiting.get(probe)?.(outcome); waiting.delete(probe); });
  return {
    async open(port, host = '127.0.0.1') {
      const server = createServer({ pauseOnConnect: true }, (socket) => {
        socket.on('error', () => undefined);
        if (child.connected) child.send({ host, port } satisfies DoorRequest, socket, () => undefined);
        else socket.destroy();
      });
      servers.push(server);
      await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve); });
      return (server.address() as AddressInfo).port;
    },
    probe: (host, port) => new Promise((resolve) => {
      probes += 1;
      waiting.set(probes, resolve);
      child.send({ host, port, probe: probes } satisfies DoorRequest);
    }),
    close() { closeAll(); if (child.connected) child.disconnect(); },
  };
}
