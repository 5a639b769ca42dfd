import type { ComputeCapabilities, ComputeCloud, InstanceRequest } from '@fogbow/plugin-contracts';
import { DEFAULT_CAPABILITIES } from '@fogbow/plugin-contracts';
import type { MachineAccess } from '../access/machine-access.js';
import { makeOrder } from '../testing/make-order.js';
import { createMachineDriver } from './machine-driver.js';

const part = (content: string) => ({ content, contentType: 'text/x-shellscript' });
const order = makeOrder({ spec: { publicKey: 'ssh-ed25519 AAAA', userData: [part('own')] } });
const address = { host: 'cloud.example', port: 2200 };
const flavor = { name: 'small', vcpu: 1, ramMb: 512, diskGb: 1 };

function open(capabilities: Partial<ComputeCapabilities>) {
  const asked: InstanceRequest[] = [];
  const compute = {
    capabilities: { ...DEFAULT_CAPABILITIES, ...capabilities },
    create: (request: InstanceRequest) => {
      asked.push(request);
      return Promise.resolve({ id: 'vm', state: 'active', sshAddress: address, sshUsername: 'inner' });
    },
  } as unknown as ComputeCloud;
  const access = {
    ways: () => Promise.resolve(new Map([['o', { sshAddress: address, extraAddresses: { web: address } }]])),
    prepare: () => Promise.resolve({ grantId: 'g', addresses: { sshAddress: { host: 'tunnel.example', port: 1 } } }),
    userData: () => [part('tunnel'), part('own')],
  } as unknown as MachineAccess;
  return { driver: createMachineDriver(compute, access), asked };
}

const call = { token: { value: 't' }, signal: new AbortController().signal };

test('a cloud that lets users in by itself gets the key and no tunnel, and tells where they log in', async () => {
  const { driver, asked } = open({ givesAccess: true });
  const prepared = await driver.prepare?.(order, call.signal);
  const made = await driver.create(order, 'token', { flavor, uses: new Map(), prepared }, call);
  expect(prepared).toBeUndefined();
  expect(asked).toMatchObject([{ publicKey: 'ssh-ed25519 AAAA', userData: [part('own')] }]);
  expect(made.told).toEqual({ sshAddress: address, sshUsername: 'inner' });
});

test('any other cloud gets both, and the tunnel', async () => {
  const { driver, asked } = open({});
  expect(await driver.prepare?.(order, call.signal)).toMatchObject({ told: { sshAddress: { host: 'tunnel.example' } } });
  await driver.create(order, 'token', { flavor, uses: new Map() }, call);
  expect(asked).toMatchObject([{ publicKey: 'ssh-ed25519 AAAA', userData: [part('tunnel'), part('own')] }]);
});

test('the ways to a machine are told as the tunnel has them', async () => {
  expect(await open({}).driver.ways?.([order])).toEqual(new Map([['o', { sshAddress: address, extraAddresses: { web: address } }]]));
});
