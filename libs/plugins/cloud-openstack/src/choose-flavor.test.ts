import fc from 'fast-check';
import { chooseNovaFlavor } from './choose-flavor.js';

const FLAVORS = [['large', 4, 8192, 80], ['tiny', 1, 512, 1], ['small', 1, 2048, 20], ['a-twin', 1, 2048, 20]].map(([name, vcpus, ram, disk]) => ({ id: `id-${name}`, name: String(name), vcpus: Number(vcpus), ram: Number(ram), disk: Number(disk) }));

it.each<[number, number, number, string | undefined]>([
  [1, 512, 1, 'tiny'], [1, 513, 1, 'a-twin'], [1, 512, 2, 'a-twin'], [2, 1, 0, 'large'], [4, 8192, 80, 'large'], [5, 1, 1, undefined], [1, 9000, 1, undefined],
])('for %i vCPU, %i MB and %i GB it is %s', (vcpu, ramMb, diskGb, name) => {
  expect(chooseNovaFlavor(FLAVORS, { vcpu, ramMb, diskGb })?.name).toBe(name);
});

it('always has the room, and no other that has it is smaller in all', () => {
  const number = fc.integer({ min: 0, max: 64 });
  const flavor = fc.record({ id: fc.string(), name: fc.string(), vcpus: number, ram: number, disk: number });
  fc.assert(fc.property(fc.array(flavor), fc.record({ vcpu: number, ramMb: number, diskGb: number }), (flavors, size) => {
    const fits = flavors.filter(({ vcpus, ram, disk }) => vcpus >= size.vcpu && ram >= size.ramMb && disk >= size.diskGb);
    const chosen = chooseNovaFlavor(flavors, size);
    expect(chosen === undefined).toBe(fits.length === 0);
    if (!chosen) return;
    expect(fits).toContain(chosen);
    expect(fits.some(({ vcpus, ram, disk }) => vcpus <= chosen.vcpus && ram <= chosen.ram && disk <= chosen.disk && vcpus + ram + disk < chosen.vcpus + chosen.ram + chosen.disk)).toBe(false);
  }));
});
