import { placesOf, qemuCommand, SPARE_PORTS } from './qemu-command.js';

const id = 'h0.fogbow-abc-1-00ab34cd';
const machine = { id, size: { vcpu: 1.5, ramMb: 256, diskGb: 1 }, accel: 'tcg', disks: [] } as const;

it('keeps the files of a machine in a folder of its name, and its socket where the path is short', () =>
  expect(placesOf('/srv/h', id)).toEqual({ folder: '/srv/h/machines/fogbow-abc-1', qmp: '/srv/h/qmp/00ab34cd' }));
it('leads nowhere with what is no id', () => expect(placesOf('/srv/h', '../../etc').folder).toBe('/srv/h/machines/.none'));

it('asks for what the machine is', () => {
  const command = qemuCommand(machine, placesOf('/srv/h', id));
  const after = (option: string): string | undefined => command[command.indexOf(option) + 1];
  expect([after('-smp'), after('-m'), after('-accel'), after('-netdev'), after('-pidfile')]).toEqual(['2', '256', 'tcg', 'user,id=net0', '/srv/h/machines/fogbow-abc-1/pid']);
  expect(command.filter((word) => word.startsWith('pcie-root-port'))).toHaveLength(SPARE_PORTS);
});
it('starts with the volumes that are attached, each in a port of its own', () => {
  const disks = [{ name: 'v1', path: '/srv/h/volumes/a b,c.qcow2', serial: 'vdc', port: 0 }, { name: 'v2', path: '/x', serial: 'vdd', port: 3 }];
  const command = qemuCommand({ ...machine, disks }, placesOf('/srv/h', id));
  expect(command.filter((word) => word.includes('"drive":"v')).map((word) => JSON.parse(word) as object)).toEqual([
    { driver: 'virtio-blk-pci', drive: 'v1', id: 'dev-v1', serial: 'vdc', bus: 'port0' }, { driver: 'virtio-blk-pci', drive: 'v2', id: 'dev-v2', serial: 'vdd', bus: 'port3' },
  ]);
  expect(JSON.parse(command.find((word) => word.includes('a b,c')) ?? '{}')).toMatchObject({ 'node-name': 'v1', file: { filename: '/srv/h/volumes/a b,c.qcow2' } });
});
