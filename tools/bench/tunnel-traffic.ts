import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import net from 'node:net';
import type { Socket } from 'node:net';
import { measureRate, wireRequest } from './load-client.js';

/**
 * What goes through a tunnel, made by processes of their own: this same program, told to be the machine's service or its user. Both read into one
 * buffer that is never kept, so that they cost little beside what is measured.
 */
const ROLE = '--tunnel-traffic';
const CHUNK = Buffer.alloc(256 * 1024, 7);

export type Service = 'sink' | 'source' | 'echo' | 'http';

export interface TrafficProcess {
  /** Port of a service. */
  readonly port: number;
  stop(): Promise<void>;
}

/** A server of the machine: takes all, sends without end, or sends back what comes. */
export async function startService(service: Service): Promise<TrafficProcess> {
  const { child, line } = startRole(['serve', service]);
  const port = Number(await line);
  return { port, stop: () => stopChild(child) };
}

export interface Traffic {
  readonly what: 'send' | 'receive' | 'ask' | 'connect' | 'request';
  readonly ports: readonly number[];
  readonly streams: number;
  readonly seconds: number;
}

export interface TrafficSeen {
  /** Bytes, answers or connections a second. */
  readonly rate: number;
  /** Milliseconds of each answer: median and the 99th of a hundred; 0 where nothing is asked. */
  readonly p50: number;
  readonly p99: number;
}

/** Users on the ports, `streams` in all, for so long. */
export async function measureTraffic(traffic: Traffic): Promise<TrafficSeen> {
  const { child, line } = startRole(['use', JSON.stringify(traffic)]);
  const seen = JSON.parse(await line) as TrafficSeen;
  await stopChild(child);
  return seen;
}

function startRole(args: readonly string[]): { child: ChildProcess; line: Promise<string> } {
  const child = spawn(process.execPath, [String(process.argv[1]), ROLE, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`The process ${args.join(' ')} ended early.`)));
    child.stdout.once('data', (bytes: Buffer) => resolve(String(bytes)));
  });
  return { child, line };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

/** True when this process is one of them. */
export async function isTraffic([role, kind, argument = '']: readonly string[]): Promise<boolean> {
  if (role !== ROLE) return false;
  process.stdin.resume().once('end', () => process.exit(0));
  if (kind === 'serve') serve(argument as Service);
  else process.stdout.write(JSON.stringify(await use(JSON.parse(argument) as Traffic)));
  return true;
}

function serve(service: Service): void {
  const server = service === 'http' ? createServer((_request, response) => response.end('Hello from the machine.\n')) : net.createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    if (service === 'echo') return void socket.on('data', (data) => socket.write(data));
    if (service === 'source') pour(socket);
    socket.resume();
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.stdout.write(String((server.address() as net.AddressInfo).port)));
}

function pour(socket: Socket): void {
  const more = (): void => { while (!socket.destroyed && socket.write(CHUNK)); };
  socket.on('drain', more);
  more();
}

const opened = (port: number, onBytes: (length: number) => void): Promise<Socket> => new Promise((resolve, reject) => {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: Buffer.alloc(256 * 1024), callback: (length) => { onBytes(length); return true; } } });
  socket.once('error', reject).once('connect', () => { socket.off('error', reject).on('error', () => undefined); resolve(socket); });
});

async function use(traffic: Traffic): Promise<TrafficSeen> {
  if (traffic.what === 'ask') return await ask(traffic);
  if (traffic.what === 'request') return await request(traffic);
  if (traffic.what === 'connect') return await connectAgain(traffic);
  return await stream(traffic);
}

const portOf = ({ ports }: Traffic, index: number): number => ports[index % ports.length] ?? 0;

/** What was sent counts when the kernel has taken it: what is still in buffers at the end is little beside the rest. */
async function stream(traffic: Traffic): Promise<TrafficSeen> {
  let received = 0;
  const sockets = await Promise.all(Array.from({ length: traffic.streams }, (_, index) => opened(portOf(traffic, index), (length) => { received += length; })));
  if (traffic.what === 'send') for (const socket of sockets) pour(socket);
  const bytes = (): number => (traffic.what === 'send' ? sockets.reduce((sum, socket) => sum + socket.bytesWritten - socket.writableLength, 0) : received);
  await sleep(400);
  const [begun, before] = [performance.now(), bytes()];
  await sleep(traffic.seconds * 1000);
  return { rate: (bytes() - before) / ((performance.now() - begun) / 1000), p50: 0, p99: 0 };
}

/** One small question at a time on each connection. */
async function ask(traffic: Traffic): Promise<TrafficSeen> {
  const question = Buffer.alloc(100, 1);
  const took: number[] = [];
  let isOn = false;
  await Promise.all(Array.from({ length: traffic.streams }, async (_, index) => {
    let [came, asked] = [0, performance.now()];
    const socket = await opened(portOf(traffic, index), (length) => {
      came += length;
      if (came < question.length) return;
      const now = performance.now();
      if (isOn) took.push(now - asked);
      [came, asked] = [0, now];
      socket.write(question);
    });
    socket.write(question);
  }));
  await sleep(400);
  isOn = true;
  await sleep(traffic.seconds * 1000);
  took.sort((a, b) => a - b);
  return { rate: took.length / traffic.seconds, p50: took[Math.floor(took.length / 2)] ?? NaN, p99: took[Math.floor(took.length * 0.99)] ?? NaN };
}

/** HTTP on kept connections: each asks again when it is answered. */
async function request(traffic: Traffic): Promise<TrafficSeen> {
  const load = { port: portOf(traffic, 0), status: 200, requests: [wireRequest('GET', '/', { Accept: '*/*', 'User-Agent': 'bench' })] };
  await measureRate(load, traffic.streams, 0.4);
  return { rate: await measureRate(load, traffic.streams, traffic.seconds), p50: 0, p99: 0 };
}

/** Connect, one byte there and back, and end; `streams` at a time. */
async function connectAgain(traffic: Traffic): Promise<TrafficSeen> {
  let [count, isOver] = [0, false];
  const again = async (index: number): Promise<void> => {
    while (!isOver) {
      await new Promise<void>((resolve) => {
        const socket = net.connect({ port: portOf(traffic, index), host: '127.0.0.1', noDelay: true });
        socket.on('error', () => undefined).on('close', () => resolve());
        socket.write('x');
        socket.once('data', () => { count += 1; socket.end(); });
      });
    }
  };
  const running = Array.from({ length: traffic.streams }, (_, index) => again(index));
  await sleep(300);
  const [begun, before] = [performance.now(), count];
  await sleep(traffic.seconds * 1000);
  const rate = (count - before) / ((performance.now() - begun) / 1000);
  isOver = true;
  void running;
  return { rate, p50: 0, p99: 0 };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
