import type { MachineRecord } from './machine-record.js';
import { parseId } from './machine-record.js';

/** Where the files of one machine are on its host. */
export interface MachinePlaces {
  readonly folder: string;
  /** QEMU's monitor; the path of a Unix socket has at most 107 bytes, so it is not in the folder. */
  readonly qmp: string;
}

export function placesOf(directory: string, id: string): MachinePlaces {
  const { clientToken = '.none', nonce = 'none' } = parseId(id) ?? {};
  return { folder: `${directory}/machines/${clientToken}`, qmp: `${directory}/qmp/${nonce}` };
}

export interface AttachedDisk {
  /** Name of its block device and its drive, also for a later detach. */
  readonly name: string;
  readonly path: string;
  /** What the guest finds below /dev/disk/by-id. */
  readonly serial: string;
  /** Number of the port in which it is. */
  readonly port: number;
}

/** PCIe takes a device while the machine runs in a root port only: so many volumes can be attached at a time. */
export const SPARE_PORTS = 12;

/** `kvm`: the processor runs machines by itself; `tcg`: they are emulated, ten times slower and more. */
export type Accelerator = 'kvm' | 'tcg';

export interface QemuMachine extends Pick<MachineRecord, 'id' | 'size'> {
  readonly accel: Accelerator;
  readonly disks: readonly AttachedDisk[];
}

/**
 * Pure: the command of a machine. It dials out by QEMU's own network stack, for which no rights are needed, and nothing can dial in. The
 * sandbox refuses system calls that no QEMU needs; it cannot refuse new processes, or QEMU could not become a daemon.
 */
export function qemuCommand({ id, size: { vcpu, ramMb }, accel, disks }: QemuMachine, { folder, qmp }: MachinePlaces): string[] {
  return [
    'qemu-system-x86_64', '-name', `guest=${id},debug-threads=off`, '-uuid', uuidOf(id),
    '-machine', 'q35', '-accel', accel, '-cpu', 'max', '-smp', String(Math.max(1, Math.ceil(vcpu))), '-m', String(ramMb),
    '-nodefaults', '-no-user-config', '-display', 'none', '-daemonize', '-pidfile', `${folder}/pid`,
    '-sandbox', 'on,obsolete=deny,resourcecontrol=deny',
    '-qmp', `unix:${valueOf(qmp)},server=on,wait=off`,
    '-chardev', `file,id=serial0,path=${valueOf(`${folder}/serial.log`)},append=on`, '-serial', 'chardev:serial0',
    '-blockdev', json({ driver: 'qcow2', 'node-name': 'disk0', discard: 'unmap', file: { driver: 'file', filename: `${folder}/disk.qcow2`, discard: 'unmap' } }),
    '-device', 'virtio-blk-pci,drive=disk0,id=root0,bootindex=1,addr=3',
    '-blockdev', json({ driver: 'raw', 'node-name': 'seed0', 'read-only': true, file: { driver: 'file', filename: `${folder}/seed.iso` } }),
    '-device', 'virtio-blk-pci,drive=seed0,id=seed,addr=4',
    '-netdev', 'user,id=net0', '-device', `virtio-net-pci,netdev=net0,mac=${macOf(id)},romfile=,addr=5`,
    '-device', 'virtio-rng-pci,addr=6',
    ...Array.from({ length: SPARE_PORTS }, (_, index) => ['-device', `pcie-root-port,id=port${index},chassis=${index + 1},addr=${rootPortAddress(index)}${index % 8 === 0 ? ',multifunction=on' : ''}`]).flat(),
    ...disks.flatMap((disk) => ['-blockdev', json(volumeNode(disk)), '-device', json(volumeDevice(disk))]),
  ];
}

/** As QMP's `blockdev-add` takes it too. */
export const volumeNode = ({ name, path }: AttachedDisk): object => ({ driver: 'qcow2', 'node-name': name, discard: 'unmap', file: { driver: 'file', filename: path, discard: 'unmap' } });

/** As QMP's `device_add` takes it too. */
export const volumeDevice = ({ name, serial, port }: AttachedDisk): object => ({ driver: 'virtio-blk-pci', drive: name, id: `dev-${name}`, serial, bus: `port${port}` });

const json = (value: object): string => JSON.stringify(value);

/** Of an option of QEMU, whose commas part it. */
const valueOf = (path: string): string => path.replaceAll(',', ',,');

/** Eight functions to a slot, from slot 16 on. */
const rootPortAddress = (index: number): string => `0x${(16 + Math.floor(index / 8)).toString(16)}.${index % 8}`;

/** QEMU's own range. Machines share no network, so that two of one address would not meet. */
function macOf(id: string): string {
  const nonce = parseId(id)?.nonce ?? '00000000';
  return ['52', '54', '00', nonce.slice(0, 2), nonce.slice(2, 4), nonce.slice(4, 6)].join(':');
}

function uuidOf(id: string): string {
  const nonce = parseId(id)?.nonce ?? '00000000';
  return `f09b0000-0000-4000-8000-0000${nonce}`;
}
