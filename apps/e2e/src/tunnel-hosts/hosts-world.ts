import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { awaitEvent } from '../await-event.js';
import type { FederationProcess } from '../federation-file.js';
import { isRunning } from '../machines.js';
import type { Endings } from '../run-story.js';
import type { TestFederation } from '../start-federation.js';

/** One host of the tunnel of member A, as a process on an address of its own. */
export interface TunnelHost {
  readonly address: string;
  /** Resolves when it is healthy. */
  start(): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  status(): Promise<HostView>;
}

export interface HostView {
  readonly hosts: readonly { readonly dial: string; readonly isAlive: boolean }[];
  readonly sessions: readonly { readonly grantId: string; readonly services: readonly { readonly port: number; readonly up: boolean }[] }[];
}

/** The one that `npm start` has made, and a second one beside it over the same Redis, with a name, an address and a host key of its own. */
export function tunnelHosts(federation: TestFederation, httpPort: number, endings: Endings): readonly [TunnelHost, TunnelHost] {
  // The launcher forgets a process that has ended.
  let known: FederationProcess | undefined;
  const first = (): FederationProcess => (known ??= federation.process('tunnel-a'));
  return [
    host({ federation, endings, first, address: '127.0.0.1', configFile: () => String(first().configFile), origin: () => new URL(String(first().healthUrl)).origin, began: () => first().pid }),
    host({ federation, endings, first, address: '127.0.0.2', configFile: () => secondConfiguration(federation, first(), httpPort), origin: () => `http://127.0.0.1:${httpPort}`, began: () => undefined }),
  ];
}

interface HostOptions {
  readonly federation: TestFederation;
  readonly endings: Endings;
  /** As the launcher started the first host. */
  readonly first: () => FederationProcess;
  readonly address: string;
  readonly configFile: () => string;
  readonly origin: () => string;
  /** Its process, where the launcher started it. */
  readonly began: () => number | undefined;
}

function host({ federation, endings, first, address, configFile, origin, began }: HostOptions): TunnelHost {
  let pid: number | undefined;
  const get = (path: string): Promise<Response> => fetch(`${origin()}${path}`, { signal: AbortSignal.timeout(5000) });
  const kill = async (victim: number | undefined): Promise<void> => {
    if (victim === undefined || !isRunning(victim)) return;
    process.kill(victim, 'SIGKILL');
    await awaitEvent('it is gone', () => !isRunning(victim), { everyMs: 5 });
  };
  return {
    address,
    async start() {
      const { command, args, uid, gid } = first();
      const log = openSync(join(federation.data, '..', `tunnel-${address}.log`), 'a');
      const words = args.map((word, index) => (args[index - 1] === '--config' ? configFile() : word));
      const child = spawn(command, words, { stdio: ['ignore', log, log], ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) });
      pid = child.pid;
      endings.push(() => kill(child.pid));
      await awaitEvent(`the tunnel host ${address} is ready`, async () => child.exitCode === null && (await get('/health/ready')).ok, { everyMs: 20, timeoutMs: 30_000, seen: () => ({ exitCode: child.exitCode }) });
    },
    kill: async () => await kill(pid ?? began()),
    status: async () => await (await get('/v1/status?limit=1000')).json() as HostView,
  };
}

/** That of the first host, with what must differ. */
function secondConfiguration(federation: TestFederation, { configFile, uid, gid }: FederationProcess, httpPort: number): string {
  const known = parse(readFileSync(String(configFile), 'utf8')) as { ssh: object; ports: object; http: object; web?: object };
  const folder = join(federation.data, '..', 'second-host');
  const address = '127.0.0.2';
  mkdirSync(folder, { recursive: true });
  const { web: _web, ...rest } = known;
  const file = join(folder, 'tunnel.yaml');
  writeFileSync(file, stringify({
    ...rest, ssh: { ...known.ssh, host: address, hostKeyFile: join(folder, 'host-key') }, ports: { ...known.ports, host: address }, http: { ...known.http, port: httpPort }, publicHost: address, dialHost: address,
  }), { mode: 0o600 });
  const owner = { uid: uid ?? statSync(String(configFile)).uid, gid: gid ?? statSync(String(configFile)).gid };
  for (const path of [folder, file]) chownSync(path, owner.uid, owner.gid);
  return file;
}
