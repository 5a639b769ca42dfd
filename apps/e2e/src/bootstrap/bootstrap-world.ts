import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { awaitEvent } from '../await-event.js';
import { addressOf, awaitState, machineFor } from '../main-job/world.js';
import type { World } from '../main-job/world.js';
import type { OrderView } from '../api-client.js';
import { reconfigure } from '../reconfigure.js';
import { bootstrapOf, createMachine } from './machine-lab.js';
import type { Machine, MachineKind } from './machine-lab.js';

/** A tunnel with its web port open, and an order whose machine is ours to play. */
export interface BootstrapWorld {
  readonly world: World;
  readonly folder: string;
  readonly domain: string;
  readonly webPort: number;
  readonly ca: string;
  /** The order whose grant all machines of this story use, one after the other. */
  order(): OrderView;
  show(): Promise<OrderView & WithServices>;
  script(): string;
  /** A machine that is stopped when the chapter ends. */
  machine(kind: MachineKind): Machine;
  /** Logs in through the public port with the real ssh; rejects when that does not come to work within the time. */
  awaitLogin(timeoutMs?: number): Promise<void>;
  /** Grants that have a session at the tunnel now, with their services. */
  sessions(): Promise<{ readonly grantId: string; readonly services: readonly { readonly name: string; readonly up: boolean }[] }[]>;
  restartTunnel(): Promise<void>;
  /** A page of its own on a port of this host. */
  servePage(text: string): Promise<number>;
  stopMachines(): Promise<void>;
  close(): Promise<void>;
}

export interface WithServices { readonly services?: readonly { readonly name: string; readonly host: string; readonly port: number; readonly url?: string }[] }

export function createBootstrapWorld(world: World, portBase: number): BootstrapWorld & { begin(): Promise<void> } {
  const folder = join(world.federation.data, '..', 'bootstrap');
  const [domain, webPort] = ['a.localhost', portBase + 108];
  const machines: Machine[] = [];
  const servers: http.Server[] = [];
  let isOver = false;
  let known: { order: OrderView; script: string; sshPort: number } | undefined;
  const there = (): NonNullable<typeof known> => { assert(known, 'there is no order yet'); return known; };
  return {
    world, folder, domain, webPort, ca: join(folder, 'tunnel.crt'),
    order: () => there().order,
    script: () => there().script,
    show: async () => await world.home.show(there().order.id) as OrderView & WithServices,
    async begin() {
      mkdirSync(folder, { recursive: true });
      makeCertificate(folder, domain);
      await reconfigure(world.federation, 'tunnel-a', `web.certificates: '${folder}'\nweb.ca: '${join(folder, 'tunnel.crt')}'`);
      known = await orderOne(world);
    },
    machine(kind) {
      const machine = createMachine(folder, kind, there().sshPort);
      machines.push(machine);
      // What it boots outlives this process.
      return { ...machine, boot: (script) => { assert(!isOver, 'the story is over'); machine.boot(script); } };
    },
    async awaitLogin(timeoutMs = 60_000) {
      await awaitEvent('ssh through the public port works', async () => (await world.alice.run(addressOf(there().order), 'echo in')).stdout === 'in\n', { timeoutMs, everyMs: 300 });
    },
    async sessions() {
      const answer = await (await fetch(`${world.a.tunnel.httpUrl}/v1/status`)).json() as { sessions: { grantId: string; services: { name: string; up: boolean }[] }[] };
      return answer.sessions;
    },
    restartTunnel: () => reconfigure(world.federation, 'tunnel-a', ''),
    async servePage(text) {
      const server = http.createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1');
      servers.push(server);
      await new Promise((done) => { server.once('listening', done); });
      return (server.address() as AddressInfo).port;
    },
    async stopMachines() {
      for (const machine of machines.splice(0)) await machine.stop();
      await awaitEvent('the tunnel has no session', async () => (await (await fetch(`${world.a.tunnel.httpUrl}/v1/status`)).json() as { sessionCount: number }).sessionCount === 0, { timeoutMs: 20_000 });
    },
    async close() {
      isOver = true;
      for (const server of servers) { server.closeAllConnections(); server.close(); }
      for (const machine of machines.splice(0)) await machine.stop();
    },
  };
}

/** Vouched for by itself: machines are told it as the one to trust. */
function makeCertificate(folder: string, domain: string): void {
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=tunnel', '-addext', `subjectAltName=IP:127.0.0.1,DNS:${domain},DNS:*.${domain}`,
    '-keyout', join(folder, 'tunnel.key'), '-out', join(folder, 'tunnel.crt'),
  ], { stdio: 'ignore' });
}

/** A machine of A whose own tunnel is ended: its grant, its script and its SSH server are what this story is about. */
async function orderOne(world: World): Promise<{ order: OrderView; script: string; sshPort: number }> {
  const [order] = await awaitState(world, await world.home.submit({ publicKey: world.alice.publicKey, requirements: `Glue2CloudComputeManagerID == "${world.a.id}"` }), 'fulfilled');
  assert(order, 'there is no order');
  const machine = join(machineFor(world, order).home, '..');
  process.kill(Number(readFileSync(join(machine, 'state', 'tunnel.pid'), 'utf8')));
  const { sshPort } = JSON.parse(readFileSync(join(machine, 'ready'), 'utf8')) as { sshPort: number };
  return { order, script: bootstrapOf(machine), sshPort };
}
