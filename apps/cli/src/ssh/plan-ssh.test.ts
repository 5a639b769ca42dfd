import fc from 'fast-check';
import type { OrderView } from '../api/views.js';
import { planSsh } from './plan-ssh.js';
import type { SshWishes } from './plan-ssh.js';

const order: OrderView = { id: 'o1', kind: 'compute', state: 'fulfilled', instanceId: 'i1@b.example', ssh: { host: 'dmz.example', port: 2201, username: 'fogbow' } };
const wishes: SshWishes = { knownHosts: '/k h', command: [] };
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFyd4fbcoddG';

test('the right host, port and user; the first host key seen is noted for this machine', () => {
  const { args, knownHostsFile, knownHostsLine } = planSsh(order, { ...wishes, command: ['uname', '-a'] });
  expect(args).toEqual([
    '-p', '2201', '-l', 'fogbow', '-o', 'HostKeyAlias=fogbow.i1-b.example', '-o', 'UserKnownHostsFile="/k h/fogbow.i1-b.example"', '-o', 'GlobalKnownHostsFile=/dev/null',
    '-o', 'HashKnownHosts=no', '-o', 'CheckHostIP=no', '-o', 'StrictHostKeyChecking=accept-new', '--', 'dmz.example', 'uname', '-a',
  ]);
  expect(knownHostsFile).toBe('/k h/fogbow.i1-b.example');
  expect(knownHostsLine).toBeUndefined();
});

test.each([[{ sshHostKey: `${KEY} root@vm` }], [{ ssh: { host: 'h', port: 22, hostKey: KEY } }]])('a known host key is pinned: %j', (fields) => {
  const { args, knownHostsLine } = planSsh({ ...order, ...fields }, wishes);
  expect(knownHostsLine).toBe(`fogbow.i1-b.example ${KEY}`);
  expect(args).toContain('StrictHostKeyChecking=yes');
});

test('another machine of the same order has another place for its key', () => {
  expect(planSsh({ ...order, instanceId: 'i2@b.example' }, wishes).knownHostsFile).not.toBe(planSsh(order, wishes).knownHostsFile);
});

test('key, user, options and forwards of the caller', () => {
  const { args } = planSsh(order, { ...wishes, identityFile: '/id', user: 'root', options: ['LogLevel=ERROR'], forwards: ['1:h:2'] });
  expect(args.join(' ')).toContain('-l root -i /id -o IdentitiesOnly=yes');
  expect(args.join(' ')).toContain('-o LogLevel=ERROR -L 1:h:2 -- dmz.example');
});

test.each<[Partial<OrderView>, string]>([
  [{ kind: 'storage' }, 'only machines can be logged in to'],
  [{ state: 'spawning', reason: 'booting' }, 'o1 is spawning: booting.'],
  [{ ssh: { host: '-oProxyCommand=x', port: 1 } }, 'The address of o1 is not one'],
  [{ ssh: { host: 'h', port: 0 } }, 'The address of o1 is not one'],
  [{ ssh: { host: 'h', port: 22, username: '-x' } }, 'cannot be the name of a user'],
  [{ sshHostKey: `${KEY}\n* ${KEY}` }, 'The host key of o1 is not one'],
])('%j is refused: %s', (fields, message) => {
  expect(() => planSsh({ ...order, ...fields }, wishes)).toThrow(message);
});

test('nothing that the server says becomes an option, a line or a path', () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('-oX=y', 'a\nb', '../../x', 'h -p 1', '%h', '$(x)'));
  fc.assert(fc.property(text, text, text, text, (host, username, instanceId, hostKey) => {
    let plan;
    try {
      plan = planSsh({ ...order, instanceId, ssh: { host, port: 22, username }, sshHostKey: hostKey }, wishes);
    } catch {
      return;
    }
    const separator = plan.args.indexOf('--');
    expect(plan.args.slice(separator)).toEqual(['--', host]);
    expect(host.startsWith('-')).toBe(false);
    expect(plan.knownHostsFile).toMatch(/^\/k h\/fogbow\.[A-Za-z0-9.-]*$/);
    expect(plan.knownHostsLine ?? '').not.toContain('\n');
  }));
});

test('no address: says so', () => {
  const { ssh: _none, ...bare } = order;
  expect(() => planSsh(bare, wishes)).toThrow('nobody told how to get into it');
});
