import { FogbowError, asFogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { InstanceRequest } from '@fogbow/plugin-contracts';
import { encodeUserData } from '@fogbow/request-model';
import { chooseHosts, shortInAll, useOf } from './choose-host.js';
import { askAll, faultsIn, heard } from './fleet.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';
import type { BaseImage } from './image-source.js';
import { idOf } from './machine-record.js';

/** Between the look at a host and the making there others may take the room; then it is looked again, so often. */
const ROUNDS = 3;

/** What one host did: `elsewhere` where another process has claimed the name for another host. */
type Outcome = 'made' | 'there' | 'full' | 'elsewhere' | FogbowError;

/**
 * Makes the machine on the best host that takes it; returns the host that has it. Throws quota-exceeded, no-valid-host, cloud-rejected where none made
 * it, and cloud-unavailable where one may have made it or the image cannot be had now.
 */
export async function placeMachine(options: HostsOptions, hosts: readonly Host[], request: InstanceRequest, signal: AbortSignal): Promise<Host> {
  const { claims } = options;
  for (let round = 0; round < ROUNDS; round++) {
    let refusal: FogbowError | undefined;
    // An order brings its image to one host; another that has it already may serve it meanwhile.
    let mayBring = true;
    for (const host of await candidates(options, hosts, request, signal)) {
      const base = await orFault(() => baseFor(options, host, request, { signal, mayBring }));
      if (base === undefined) continue;
      if (isFogbowError(base)) {
        // Another process may be making the machine on a host that we cannot ask.
        if (base.code === 'cloud-unavailable' && claims.read(request.clientToken) === host.spec.name) throw base;
        claims.drop(request.clientToken, host.spec.name);
        refusal ??= base;
        mayBring = false;
        continue;
      }
      const outcome = await tryHost(options, host, { request, base }, signal);
      if (outcome === 'made' || outcome === 'there') return host;
      if (outcome === 'elsewhere') return holderOf(hosts, claims.read(request.clientToken));
      claims.drop(request.clientToken, host.spec.name);
      if (outcome !== 'full') refusal = outcome;
    }
    if (refusal) throw refusal;
  }
  throw new FogbowError('no-valid-host', 'Others took the room on every host.');
}

/** The image as the host has it; undefined where it would have to be brought, and may not. Nothing is made yet. */
async function baseFor({ images, image }: HostsOptions, host: Host, request: InstanceRequest, { signal, mayBring }: { readonly signal: AbortSignal; readonly mayBring: boolean }): Promise<BaseImage | undefined> {
  const name = request.image ?? image;
  const base = await (mayBring ? images.locate : images.look)(name, host, signal);
  if (base && request.size.diskGb < base.minDiskGb) throw new FogbowError('cloud-rejected', `The image ${name} needs a disk of ${base.minDiskGb} GB at least.`);
  return base;
}

async function orFault<Value>(work: () => Promise<Value>): Promise<Value | FogbowError> {
  try {
    return await work();
  } catch (error) {
    return asFogbowError(error);
  }
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

interface Wanted {
  readonly request: InstanceRequest;
  readonly base: BaseImage;
}

/** A host that has a full disk made nothing; another may do better. What else fails may have made the machine. */
async function tryHost(options: HostsOptions, host: Host, wanted: Wanted, signal: AbortSignal): Promise<Outcome> {
  try {
    return await makeOn(options, host, wanted, signal);
  } catch (error) {
    if (isFogbowError(error) && (error.code === 'cloud-rejected' || error.code === 'no-valid-host')) return error;
    throw error;
  }
}

async function makeOn({ claims, image, now, nonce }: HostsOptions, host: Host, { request: { clientToken, size, image: wished = image, userData }, base }: Wanted, signal: AbortSignal): Promise<Outcome> {
  if (claims.claim(clientToken, host.spec.name) !== host.spec.name) return 'elsewhere';
  const record = { id: idOf({ host: host.spec.name, clientToken, nonce: nonce() }), clientToken, size, image: wished, createdAt: now().toISOString() };
  return await host.machines.make({ record, base, userData: encodeUserData(userData) }, signal);
}
