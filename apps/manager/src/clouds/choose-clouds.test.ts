import type { ResourceKind } from '@fogbow/request-model';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { makeOrder, SELF } from '../testing/make-order.js';
import { fittingClouds, joinRefusals, placeOf } from './choose-clouds.js';

const clouds = [{ name: 'main', kinds: ['compute', 'storage'] as ResourceKind[] }, { name: 'lab', kinds: ['compute'] as ResourceKind[] }, { name: 'den', kinds: ['compute', 'storage', 'network', 'attachment'] as ResourceKind[] }];
const flavor = { name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 };
const free = { flavor, uses: new Map<string, string>() };
const used = new Map([['n', 'den~net-1']]);

const namesOf = (...[order, grounds]: [Parameters<typeof fittingClouds>[0], Parameters<typeof fittingClouds>[1]]): unknown => {
  const chosen = fittingClouds(order, grounds, clouds, SELF);
  return 'kind' in chosen ? [chosen.code, chosen.reason] : chosen.map(({ name }) => name);
};

test.each<[string, ResourceKind, string, object, unknown]>([
  ['all that have the kind, in order', 'compute', '', {}, ['main', 'lab', 'den']],
  ['only those that have the kind', 'storage', '', {}, ['main', 'den']],
  ['the one that is named', 'compute', 'FogbowCloud == "lab"', {}, ['lab']],
  ['all but one', 'compute', 'FogbowCloud != "main" && Glue2vCPU >= 1', {}, ['lab', 'den']],
  ['by cloud and size', 'compute', 'FogbowCloud == "lab" && Glue2vCPU >= 4 || FogbowCloud == "den"', {}, ['den']],
  ['none that there is', 'compute', 'FogbowCloud == "moon"', {}, ['no-valid-host', 'the requirements exclude main, lab, den (FogbowCloud)']],
  ['a volume too', 'storage', 'FogbowCloud == "den"', { flavor: undefined }, ['den']],
  ['where its network is', 'compute', '', { uses: used, cloud: 'den' }, ['den']],
  ['where its network is, in the first', 'compute', '', { uses: used }, ['main']],
  ['a network’s cloud that it excludes', 'compute', 'FogbowCloud == "lab"', { uses: used, cloud: 'den' }, ['no-valid-host', 'the requirements exclude den (FogbowCloud)']],
  ['a cloud that left', 'compute', '', { uses: used, cloud: 'left' }, ['cloud-unavailable', 'the cloud left of what it needs is not configured any more']],
  ['a cloud without the kind', 'attachment', '', { uses: used }, ['cloud-rejected', 'the cloud here has no attachments']],
])('an order goes to %s', (_name, kind, requirements, grounds, expected) =>
  expect(namesOf(makeOrder({ kind, spec: { requirements } }), { ...free, ...grounds })).toEqual(expected));

test.each<[ErrorCode[], ErrorCode]>([
  [['cloud-rejected'], 'cloud-rejected'], [['cloud-rejected', 'cloud-rejected'], 'cloud-rejected'], [['cloud-rejected', 'no-valid-host'], 'no-valid-host'],
  [['cloud-unavailable', 'quota-exceeded'], 'quota-exceeded'], [['cloud-rejected', 'cloud-unavailable'], 'cloud-unavailable'], [[], 'no-valid-host'],
])('refusals %j are together %s', (codes, code) => {
  const joined = joinRefusals(codes.map((one, index) => ({ cloud: `c${index}`, code: one, reason: one })));
  expect(joined).toMatchObject({ kind: 'refused', code, uncertain: false });
  if (codes.length > 1) expect(joined.reason).toBe(codes.map((one, index) => `c${index}: ${one}`).join('; '));
});

test('the first cloud’s instances name none, also not by its own name', () => {
  expect([undefined, 'lab', 'main', 'left'].map((name) => placeOf(clouds, name)?.name)).toEqual(['main', 'lab', undefined, undefined]);
});
