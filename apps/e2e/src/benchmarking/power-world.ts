import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { deriveSshKey } from '@fogbow/service-runtime';
import type { ApiClient, NewOrder, OrderView } from '../api-client.js';
import type { FederationMember } from '../federation-file.js';
import { machineFor } from '../main-job/world.js';
import type { World } from '../main-job/world.js';
import { createSshUser } from '../ssh.js';
import type { SshUser } from '../ssh.js';

export interface ShownPower {
  readonly value: number;
  readonly measured: boolean;
  readonly seconds?: number;
}

/** Two members that measure, and the strings by which the probe of A is pulled: files of the host, which machines of cloud-local share. */
export interface PowerWorld {
  readonly world: World;
  readonly scriptFile: string;
  /** `hold`: a probe does not end while it is there. `hang`: one that begins never ends. */
  set(string: 'hold' | 'hang', isThere: boolean): void;
  /** How often a probe has begun in the machine of the order. */
  runs(order: OrderView): number;
  submit(order?: Partial<NewOrder>): Promise<string>;
  /** The key that the Manager of a member has for the first life of an order's machine, in the hands of the real client. */
  asManager(member: FederationMember, orderId: string): Promise<SshUser & { readonly publicKey: string }>;
  /** The lines of authorized_keys in a machine of A, and whether anything of the measurement is there. */
  traces(order: OrderView): { readonly keys: readonly string[]; readonly hasProbe: boolean };
  shown(client: ApiClient, id: string): Promise<ShownPower>;
  /** Machines of this Manager's present process by how their measurement ended. */
  ended(member: FederationMember, outcome: string): Promise<number>;
  account(client: ApiClient, provider: FederationMember): Promise<{ readonly powerSeconds: number; readonly seconds: number }>;
}

export const PROBE_TIMEOUT_S = 12;
/** The power of fogbow_small by its size. */
export const BY_SIZE = (1 / 8 + 0.5 / 16) / 2;
export const isBySize = ({ value, measured }: ShownPower): boolean => !measured && Math.abs(value - BY_SIZE) < 1e-9;

export function createPowerWorld(world: World, folder: string): PowerWorld {
  const flags = join(folder, 'flags');
  mkdirSync(flags);
  const scriptFile = join(folder, 'probe.sh');
  writeFileSync(scriptFile, probeScript(flags));
  let keys = 0;
  return {
    world, scriptFile,
    set(string, isThere) {
      if (isThere) writeFileSync(join(flags, string), '');
      else rmSync(join(flags, string), { force: true });
    },
    runs: (order) => readdirSync(flags).filter((name) => name.startsWith('run-') && name.includes(order.id)).reduce((sum, name) => sum + readFileSync(join(flags, name), 'utf8').length / 2, 0),
    async submit(order = {}) {
      const requirements = `Glue2CloudComputeManagerID == "${world.a.id}"`;
      const [id] = await world.home.submit({ flavor: 'fogbow_small', publicKey: world.alice.publicKey, requirements, ...order });
      assert(id);
      return id;
    },
    async asManager({ name }, orderId) {
      const { keyFile } = parse(readFileSync(String(world.federation.process(`manager-${name}`).configFile), 'utf8')) as { keyFile: string };
      const { privateKey, publicKey } = deriveSshKey(Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'base64'), `fogbow probe ${orderId}-1`);
      keys += 1;
      const user = await createSshUser(folder, `manager-${name}-${keys}`);
      writeFileSync(user.keyFile, privateKey);
      rmSync(`${user.keyFile}.pub`);
      return { ...user, publicKey };
    },
    traces(order) {
      const { home } = machineFor(world, order);
      const file = join(home, '.ssh', 'authorized_keys');
      return { keys: existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [], hasProbe: existsSync(join(home, '.fogbow-probe')) };
    },
    async shown(client, id) {
      const { data } = await client.raw('GET', `/v1/computes/${id}`);
      return (data as { power: ShownPower }).power;
    },
    async ended({ managerUrl }, outcome) {
      const text = await (await fetch(`${managerUrl}/metrics`)).text();
      return Number(new RegExp(`^fogbow_power_measurements_total\\{[^}]*outcome="${outcome}"[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    },
    async account(client, provider) {
      const { data } = await client.raw('GET', '/v1/accounting');
      const lines = (data as { accounting: { kind: string; providingMember: string; powerSeconds: number; seconds: number }[] }).accounting;
      return lines.find(({ kind, providingMember }) => kind === 'compute' && providingMember === provider.id) ?? { powerSeconds: 0, seconds: 0 };
    },
  };
}

/** The machine has its name in its environment. */
const probeScript = (flags: string): string => `echo x >>'${flags}/run-'"$HOSTNAME"
[ -e '${flags}/hang' ] && sleep 54321
while [ -e '${flags}/hold' ]; do sleep 0.1; done
dd if=/dev/urandom of=/dev/null bs=65536 count=2048
`;
