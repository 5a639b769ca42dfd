import { mkdirSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { startChildServer } from './child-server.js';
import { freePort, isPortFree } from './port.js';
import { commandLine, processesNaming, stopProcess } from './process.js';
import { findRedisProgram } from './redis-program.js';
import { SetupError } from './setup-error.js';

/** `js`: the replacement from node_modules, slower and in memory only. */
export type RedisKind = 'redis' | 'js';

export interface RedisOptions {
  readonly directory: string;
  /** Where to listen: a socket (at most 107 bytes of path) or a port of 127.0.0.1; neither: any free port. */
  readonly unixSocket?: string;
  readonly port?: number;
  /** False only for tests: nothing is written to disk. */
  readonly durable: boolean;
  /** Whether a missing Redis may be installed with apt-get. */
  readonly install: boolean;
  readonly logFile: string;
  readonly log: (line: string) => void;
  /** How to find redis-server; absent: on this machine. */
  readonly program?: typeof findRedisProgram;
}

export interface RedisServer {
  readonly pid: number;
  readonly url: string;
  readonly kind: RedisKind;
  readonly command: string;
  readonly args: readonly string[];
  readonly ended: Promise<void>;
  stop(hurry?: AbortSignal): Promise<void>;
}

/** Where a server answers, in the words of node:net. */
type Address = { readonly path: string } | { readonly host: string; readonly port: number };

const SOCKET_PATH_LIMIT = 107;

/** Starts redis-server or valkey-server of this machine, or else the JavaScript replacement. */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  await stopLeftoverRedis(options.directory, options.log);
  const program = (options.program ?? findRedisProgram)(options.install, options.log);
  if (!program) options.log('No redis-server on this machine: using a JavaScript replacement, which is slower and keeps nothing across starts');
  const address = await chooseAddress(options, program !== undefined);
  const { command, args } = program ? realCommand(program, options, address) : replacementCommand(options, address);
  const child = await startChildServer({
    name: 'Redis', command, args, logFile: options.logFile,
    ready: () => answersPing(address), readyTimeoutMs: 30_000, stopSignal: 'SIGTERM',
  });
  return { ...child, url: 'path' in address ? `unix://${address.path}` : `redis://127.0.0.1:${address.port}`, kind: program ? 'redis' : 'js', command, args };
}

async function chooseAddress(options: RedisOptions, sockets: boolean): Promise<Address> {
  if (options.unixSocket && sockets) {
    if (Buffer.byteLength(options.unixSocket) > SOCKET_PATH_LIMIT) throw new SetupError(`The socket path ${options.unixSocket} is longer than ${SOCKET_PATH_LIMIT} bytes: choose a shorter folder.`);
    rmSync(options.unixSocket, { force: true });
    return { path: options.unixSocket };
  }
  const port = options.port ?? await freePort();
  if (!(await isPortFree(port))) throw new SetupError(`Port ${port} on 127.0.0.1 is in use by another program, Redis cannot have it.`);
  return { host: '127.0.0.1', port };
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** The process title is left alone, so that the folder stays visible in the process list and an orphan can be told from a stranger. */
function realCommand(program: string, options: RedisOptions, address: Address): Command {
  const where = 'path' in address ? ['--port', '0', '--unixsocket', address.path, '--unixsocketperm', '700'] : ['--port', String(address.port), '--bind', '127.0.0.1'];
  const settings = {
    '--dir': options.directory, '--appendonly': options.durable ? 'yes' : 'no', '--appendfsync': 'everysec', '--save': '',
    '--maxmemory-policy': 'noeviction', '--daemonize': 'no', '--set-proc-title': 'no',
  };
  return { command: program, args: [...where, ...Object.entries(settings).flat()] };
}

function replacementCommand(options: RedisOptions, address: Address): Command {
  const port = 'port' in address ? address.port : 0;
  const program = `require(process.argv[1]).createRedisServer({ port: ${port} })`;
  return { command: process.execPath, args: ['-e', program, replacementPackage(), options.directory] };
}

function replacementPackage(): string {
  try {
    return require.resolve('js-redis-server');
  } catch {
    throw new SetupError('There is no redis-server on this machine and the replacement js-redis-server is not installed: install Redis (apt-get install redis-server).');
  }
}

function answersPing(address: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(address, () => socket.write('PING\r\n'));
    const finish = (answer: boolean): void => { socket.destroy(); resolve(answer); };
    socket.setTimeout(1000, () => finish(false));
    socket.on('error', () => finish(false));
    socket.on('close', () => finish(false));
    socket.on('data', (bytes) => finish(bytes.toString().startsWith('+PONG')));
  });
}

/** Ends the server that a killed starter, or a test, left behind for this directory: known by its command line, whoever started it. */
export async function stopLeftoverRedis(directory: string, log: (line: string) => void): Promise<void> {
  const isServer = (line: string): boolean => `${line} `.includes(`${directory} `) && /redis|valkey/.test(line.replaceAll(directory, ''));
  for (const pid of processesNaming(directory).filter((one) => isServer(commandLine(one)))) {
    log(`Stopping the Redis of an earlier start (process ${pid})`);
    await stopProcess(pid);
  }
}
