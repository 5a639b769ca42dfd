import { readInventory } from './read-inventory.js';

const json = JSON.stringify({ id: 'h0.t-00000000', clientToken: 't', size: { vcpu: 1, ramMb: 64, diskGb: 1 }, image: 'a\tb', createdAt: 'x' });

it('reads what a host says of a machine', () => {
  const [facts] = readInventory(`1000\tboot-1\nh0.t-00000000\t1\t1\t990\tboot-0\tit failed\t${json}\n`);
  expect(facts).toMatchObject({ record: { clientToken: 't', image: 'a\tb' }, runs: true, hasPidFile: true, offForMs: 10_000, started: 'earlier-boot', fault: 'it failed' });
});

it('takes empty words for absent', () => {
  expect(readInventory(`1000\tboot-1\nh0.t-00000000\t0\t0\t\tboot-1\t\t${json}\n`)).toEqual([{ record: JSON.parse(json) as object, runs: false, hasPidFile: false, started: 'this-boot' }]);
  expect(readInventory(`1000\tboot-1\nh0.t-00000000\t0\t0\t\t\t\t${json}\n`)[0]?.started).toBeUndefined();
});

it.each(['', '1000\tboot-1\n', '1000\tboot-1\nh0.t-1\t0\t0\t\t\t\t{"half', `1000\tboot-1\nother\t0\t0\t\t\t\t${json}\n`, 'nonsense'])('leaves out what makes no sense: %j', (output) => expect(readInventory(output)).toEqual([]));
