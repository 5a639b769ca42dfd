import net from 'node:net';
import type { Socket } from 'node:net';
import { Client } from 'ssh2';
import type { ConnectConfig } from 'ssh2';
import type { Granted, TunnelWorld } from './tunnel-world.js';

/** A machine in this process: ssh2 as the client, which dials again as the script in real machines does. */
export interface Machine {
  /** How often it has logged in and got its port. */
  readonly opened: number;
  readonly client: Client;
  /** Why it was last turned away. */
  readonly fault: string | undefined;
  ready(): Promise<void>;
  stop(): void;
}

export interface MachineOptions {
  readonly from?: string;
  /** False: when its session ends it stays away. */
  readonly redials?: boolean;
  readonly port?: number;
  readonly config?: Partial<ConnectConfig>;
  /** The machine's service; absent: it sends back what comes. */
  readonly serve?: (channel: NodeJS.ReadWriteStream) => void;
}

const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 30_000;

export function startMachine(world: Pick<TunnelWorld, 'sshPort'>, grant: Granted, options: MachineOptions = {}): Machine {
  let [opened, pause, isOver]: [number, number, boolean] = [0, FIRST_PAUSE_MS, false];
  let fault: string | undefined;
  let client = new Client();
  let waiting: (() => void)[] = [];
  let failing: ((error: Error) => void)[] = [];
  const dial = (): void => {
    const current = client = new Client();
    current.on('error', (error) => { fault = error.message; });
    current.on('close', () => {
      if (isOver) return;
      if (options.redials === false) { for (const fail of failing.splice(0)) fail(new Error(fault ?? 'closed')); return; }
      setTimeout(dial, pause / 2 + Math.random() * pause / 2);
      pause = Math.min(pause * 2, LAST_PAUSE_MS);
    });
    current.on('tcp connection', (_details, accept) => {
      const channel = accept();
      channel.on('error', () => undefined);
      if (options.serve) options.serve(channel); else channel.pipe(channel);
    });
    current.once('ready', () => current.forwardIn('127.0.0.1', options.port ?? grant.port, (error) => {
      if (error) { fault = error.message; current.end(); return; }
      opened += 1;
      pause = FIRST_PAUSE_MS;
      for (const resolve of waiting.splice(0)) resolve();
    }));
    current.connect({ host: '127.0.0.1', port: world.sshPort, username: grant.id, password: grant.secret, readyTimeout: 20_000, keepaliveInterval: 0, ...(options.from ? { localAddress: options.from } : {}), ...options.config });
  };
  dial();
  return {
    get opened() { return opened; }, get client() { return client; }, get fault() { return fault; },
    ready: () => (opened > 0 ? Promise.resolve() : new Promise((resolve, reject) => { waiting.push(resolve); failing.push(reject); })),
    stop() {
      isOver = true;
      waiting = failing = [];
      client.end();
      client.destroy();
    },
  };
}

/** What comes back within the time; the connection is closed then. */
export function say(port: number, text: string | Buffer, timeoutMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(text));
    const timer = setTimeout(() => socket.destroy(new Error(`Port ${port} did not answer in ${timeoutMs} ms.`)), timeoutMs);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => { clearTimeout(timer); reject(error); });
    socket.on('close', () => { clearTimeout(timer); resolve(Buffer.concat(chunks).toString()); });
  });
}

export async function echoes(port: number): Promise<void> {
  const heard = await say(port, 'hello');
  if (heard !== 'hello') throw new Error(`Port ${port} said ${JSON.stringify(heard)} to hello.`);
}

export const connect = (port: number): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = net.connect(port, '127.0.0.1', () => { socket.off('error', reject).on('error', () => undefined); resolve(socket); });
  socket.once('error', reject);
});

export const closed = (socket: Socket): Promise<void> => new Promise((resolve) => {
  if (socket.destroyed) return resolve();
  socket.on('error', () => undefined).once('close', () => resolve()).resume();
});

export function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
