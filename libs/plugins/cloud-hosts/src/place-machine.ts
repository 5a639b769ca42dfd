import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { InstanceRequest } from '@fogbow/plugin-contracts';
import { encodeUserData } from '@fogbow/request-model';
import { chooseHosts, shortInAll, useOf } from './choose-host.js';
import { askAll, faultsIn, heard } from './fleet.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';
import { idOf } from './machine-record.js';

/** Between the look at a host and the making there others may take the room; then it is looked again, so often. */
const ROUNDS = 3;

/** What one host did: `elsewhere` where another process has claimed the name for another host. */
type Outcome = 'made' | 'there' | 'full' | 'elsewhere' | FogbowError;

/**
 * Makes the machine on the best host that takes it; returns the host that has it. Throws quota-exceeded, no-valid-host, cloud-rejected where none made
 * it, and cloud-unavailable where one may have made it.
 */
export async function placeMachine(options: HostsOptions, hosts: readonly Host[], request: InstanceRequest, signal: AbortSignal): Promise<Host> {
  const { claims } = options;
  for (let round = 0; round < ROUNDS; round++) {
    let refusal: FogbowError | undefined;
    for (const host of await candidates(options, hosts, request, signal)) {
      const outcome = await tryHost(options, host, request, signal);
      if (outcome === 'made' || outcome === 'there') return host;
      if (outcome === 'elsewhere') return holderOf(hosts, claims.read(request.clientToken));
      claims.drop(request.clientToken, host.spec.name);
      if (outcome !== 'full') refusal = outcome;
    }
    if (refusal) throw refusal;
  }
  throw new FogbowError('no-valid-host', 'Others took the room on every host.');
}

function holderOf(hosts: readonly Host[], name: string | undefined): Host {
  const holder = hosts.find(({ spec }) => spec.name === name);
  if (!holder) throw new FogbowError('cloud-unavailable', 'Another process makes this machine on a host that the settings do not have, or has just removed it.');
  return holder;
}

/** Hosts to try, best first. Throws quota-exceeded, no-valid-host or cloud-unavailable where there is none. */
async function candidates({ claims }: HostsOptions, hosts: readonly Host[], { clientToken, size }: InstanceRequest, signal: AbortSignal): Promise<Host[]> {
  const claimed = hosts.find(({ spec }) => spec.name === claims.read(clientToken));
  const answers = await askAll(hosts, async (host) => {
    await host.requireFit(signal);
    return useOf((await host.machines.look(signal)).map(({ record }) => record.size));
  });
  const rooms = heard(answers).map(({ host: { spec: { name, capacity } }, value: used }) => ({ name, capacity, used }));
  const chosen = chooseHosts(rooms, size).flatMap(({ name }) => hosts.find(({ spec }) => spec.name === name) ?? []);
  if (chosen.length === 0) throw noRoom(shortInAll(rooms, size), faultsIn(answers));
  return claimed ? [claimed, ...chosen.filter((host) => host !== claimed)] : chosen;
}

function noRoom(short: readonly string[], faults: readonly string[]): FogbowError {
  const others = faults.map((fault) => ` ${fault}`).join('');
  if (short.length === 0) return new FogbowError('no-valid-host', `No single host has room for a machine of this size.${others}`);
  return new FogbowError('quota-exceeded', `The limits of the hosts leave no room: ${short.join(', ')}.${others}`);
}

/** A host that lacks the image or has a full disk made nothing; another may do better. What else fails may have made the machine. */
async function tryHost(options: HostsOptions, host: Host, request: InstanceRequest, signal: AbortSignal): Promise<Outcome> {
  try {
    return await makeOn(options, host, request, signal);
  } catch (error) {
    if (isFogbowError(error) && (error.code === 'cloud-rejected' || error.code === 'no-valid-host')) return error;
    throw error;
  }
}

async function makeOn({ claims, images, image, now, nonce }: HostsOptions, host: Host, request: InstanceRequest, signal: AbortSignal): Promise<Outcome> {
  const { clientToken, size } = request;
  const name = request.image ?? image;
  const base = await images.locate(name, { name: host.spec.name, runner: host.runner }, signal);
  if (size.diskGb < base.minDiskGb) throw new FogbowError('cloud-rejected', `The image ${name} needs a disk of ${base.minDiskGb} GB at least.`);
  if (claims.claim(clientToken, host.spec.name) !== host.spec.name) return 'elsewhere';
  const record = { id: idOf({ host: host.spec.name, clientToken, nonce: nonce() }), clientToken, size, image: name, createdAt: now().toISOString() };
  return await host.machines.make({ record, base, userData: encodeUserData(request.userData) }, signal);
}
