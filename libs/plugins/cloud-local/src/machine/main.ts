import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeUserData, planBoot } from '@fogbow/request-model';
import { machineFolder } from '../machine-folder.js';
import type { MachineFolder, MachineRecord } from '../machine-folder.js';
import { killMachine, processesOf, signalProcess } from '../machine-processes.js';
import { identify, isAlive, isSameProcess } from '../process-identity.js';
import type { ProcessIdentity } from '../process-identity.js';
import { createAdmit } from './accounts.js';
import { machineEnvironment } from './environment.js';
import { runBoot } from './run-boot.js';
import { listenForSsh, publicHostKey, startSshServer } from './ssh-server.js';
import type { SshServerOptions } from './ssh-server.js';

const POWER_OFF_ROUNDS = 25;
const POWER_OFF_PAUSE_MS = 20;
const ADDRESS_ROUNDS = 10;
const ADDRESS_PAUSE_MS = 50;

/** A machine: `node main.js FOLDER`. Its standard output is its console. */
async function main(path: string): Promise<void> {
  const folder = machineFolder(path);
  const record = folder.record();
  if (!record) throw new Error(`There is no machine in ${path}.`);
  process.once('SIGTERM', () => void powerOff(record));
  process.on('SIGHUP', () => undefined);
  const self = register(folder);
  console.log(`[boot] ${record.id}: a process of this host, not a virtual machine; it isolates nothing`);
  const plan = planBoot(decodeUserData(folder.userData()) ?? [], record.sshUsername);
  writePrompt(folder, record);
  let sshPort = 0;
  const ssh: SshServerOptions = {
    hostKeyFile: folder.hostKey,
    admit: createAdmit(plan.keys, folder.home),
    session: (username) => ({
      home: folder.home,
      env: { ...machineEnvironment(folder, record, sshPort), USER: username, LOGNAME: username },
      motd: motdOf(record),
    }),
  };
  await joinNetworks(folder, record, ssh);
  sshPort = await startSshServer(ssh, folder.ready()?.sshPort ?? 0);
  folder.writeReady({ ...self, sshPort, sshHostKey: publicHostKey(folder.hostKey) });
  console.log(`[boot] SSH on 127.0.0.1:${sshPort} for ${[...plan.keys.keys()].join(', ') || 'nobody'}`);
  await runBoot(plan.steps, folder, machineEnvironment(folder, record, sshPort));
}

/** A machine is ready when it can be reached on all its addresses; one that cannot says so and is not ready. */
async function joinNetworks(folder: MachineFolder, { networks = [] }: MachineRecord, ssh: SshServerOptions): Promise<void> {
  for (const { address, sshPort } of networks) {
    if (sshPort === undefined) continue;
    try {
      await listenStubbornly(ssh, address, sshPort);
      console.log(`[boot] SSH on ${address}:${sshPort}`);
    } catch (error) {
      const fault = `The machine cannot have its address ${address}: ${(error as Error).message}.`;
      folder.writeBootFault(fault);
      throw new Error(fault, { cause: error });
    }
  }
}

/** An earlier life of the machine, or of another, may have just let go of the address. */
async function listenStubbornly(ssh: SshServerOptions, host: string, port: number): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      await listenForSsh(ssh, { host, port });
      return;
    } catch (error) {
      if (round === ADDRESS_ROUNDS) throw error;
      await delay(ADDRESS_PAUSE_MS);
    }
  }
}

/** Two processes are never one machine: whoever comes second ends. */
function register(folder: MachineFolder): ProcessIdentity {
  const self = identify(process.pid);
  if (!self) throw new Error('/proc does not know this process.');
  const other = folder.process();
  if (other && !isSameProcess(other, self) && isAlive(other)) throw new Error(`Process ${other.pid} is this machine already.`);
  folder.writeProcess(self);
  return self;
}

async function powerOff(record: MachineRecord): Promise<void> {
  const others = (): number[] => processesOf(record.id).filter((pid) => pid !== process.pid);
  for (const pid of others()) signalProcess(pid, 'SIGTERM');
  for (let round = 0; round < POWER_OFF_ROUNDS && others().length > 0; round++) await delay(POWER_OFF_PAUSE_MS);
  await killMachine(record.id, process.pid);
  process.exit(0);
}

function writePrompt(folder: MachineFolder, record: MachineRecord): void {
  const file = join(folder.home, '.bashrc');
  if (!existsSync(file)) writeFileSync(file, `PS1='$USER@${record.clientToken}:\\w\\$ '\n`);
}

function motdOf(record: MachineRecord): string {
  const addresses = (record.networks ?? []).map(({ address, sshPort }) => `Address ${address}${sshPort === undefined ? ', on which nothing listens by itself' : `, SSH on port ${sshPort}`}.\n`);
  return `Machine ${record.id} of the local cloud. It is a process of this host, not a virtual machine:\nit isolates nothing, and you are the user that runs the cloud.\n${addresses.join('')}`;
}

/** A client that breaks the protocol must not end the machine. */
process.on('uncaughtException', (error) => console.log(`[fault] ${error.stack ?? error.message}`));
main(process.argv[2] ?? '').catch((error: unknown) => {
  console.log(`[boot] failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
