import { containersCloud } from './containers-cloud.js';

const faults = (values: Record<string, unknown>): readonly string[] => containersCloud.check?.(values) ?? [];

it('takes its defaults', () => expect(faults({})).toEqual([]));

it.each<[Record<string, unknown>, RegExp]>([
  [{ url: 'https://engine.example:2376' }, /needs caFile, certFile and keyFile/],
  [{ url: 'http://engine.example:2375' }, /not https is taken for this host only/],
  [{ caFile: '/nowhere/ca.pem' }, /caFile names a file that is not there/],
  [{ prefix: 'A b' }, /prefix must be/],
  [{ network: 'host' }, /network must be a bridge/],
  [{ networkRanges: ['10.0.0.1/8'] }, /networkRanges: 10\.0\.0\.1\/8/],
  [{ images: { a: 'x:1' }, image: 'b' }, /images must have the image b/],
  [{ images: {} }, /images must have the image/],
])('refuses %j', (values, fault) => expect(faults(values).join('\n')).toMatch(fault));

it('takes an engine on this host without TLS', () => expect(faults({ url: 'http://127.0.0.1:2375' })).toEqual([]));

it('starts without an engine, and says that there is none', async () => {
  const warnings: string[] = [];
  const cloud = containersCloud.create({ socket: '/nowhere/engine.sock' }, {
    memberId: 'm', now: () => new Date(), log: { info: () => undefined, warn: (message, fields) => void warnings.push(`${message} ${JSON.stringify(fields)}`) },
  });
  const call = { token: { value: 'engine' }, signal: new AbortController().signal };
  await cloud.start(call.signal);
  expect(warnings.join()).toContain('No container engine listens at /nowhere/engine.sock');
  const calls = [cloud.compute.list(call), cloud.compute.find('t', call), cloud.compute.quota(call), cloud.compute.describe('a'.repeat(64), call), cloud.compute.create({ clientToken: 't', size: { vcpu: 1, ramMb: 1, diskGb: 1 }, userData: [] }, call)];
  for (const outcome of await Promise.allSettled(calls)) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'cloud-unavailable' } });
});
