import { randomBytes } from 'node:crypto';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Volume, VolumeCloud, VolumeRequest } from '@fogbow/plugin-contracts';
import { oneVolume } from '@fogbow/request-model';
import { requireClientToken } from './client-token.js';
import type { ContainersOptions } from './containers-options.js';
import { requireRoom, usedOf } from './containers-quota.js';
import { engineFault, expecting, wordsOf } from './engine-faults.js';
import { clientTokenIn, FIELD, isOurs, nameFor, ownFilter, ownLabels } from './labels.js';
import type { Labels } from './labels.js';

interface EngineVolume { readonly Name: string; readonly CreatedAt?: string; readonly Labels?: Labels | null }

/**
 * Named volumes of the engine's local driver, which enforces no size. The engine makes one volume a name, whoever asks first, and leaves it
 * as it is; a number that its maker wrote on it tells it from a later one of the same name.
 */
export function createContainersVolumes({ own, wire, turns, limit, now }: Pick<ContainersOptions, 'own' | 'wire' | 'turns' | 'limit' | 'now'>): VolumeCloud {
  const list = async (signal: AbortSignal): Promise<Volume[]> => {
    const answer = await wire({ method: 'GET', path: '/volumes', query: ownFilter(own), signal });
    const { Volumes: volumes } = expecting(answer, [200], 'list volumes').body as { readonly Volumes?: readonly EngineVolume[] | null };
    return (volumes ?? []).map(asVolume);
  };
  const find = async (clientToken: string, signal: AbortSignal): Promise<Volume | undefined> => {
    const answer = await wire({ method: 'GET', path: `/volumes/${encodeURIComponent(nameFor(own, clientToken))}`, signal });
    if (answer.status === 404) return undefined;
    const found = expecting(answer, [200], 'show a volume').body as EngineVolume;
    return isOurs(own, found.Labels ?? {}) ? asVolume(found) : undefined;
  };
  const describe = async (id: string, signal: AbortSignal): Promise<Volume | undefined> => {
    const found = await find(id.slice(0, Math.max(id.lastIndexOf('-'), 0)) || 'none', signal);
    return found?.id === id ? found : undefined;
  };

  const make = async (request: VolumeRequest, signal: AbortSignal): Promise<Volume> => {
    const { clientToken, sizeGb, name } = request;
    const before = await find(clientToken, signal);
    if (before) return before;
    requireRoom(limit, usedOf({ machines: [], volumes: await list(signal), networks: [] }), oneVolume(sizeGb));
    const labels = {
      ...ownLabels(own, clientToken), [FIELD.sizeGb]: String(sizeGb), [FIELD.nonce]: randomBytes(4).toString('hex'), [FIELD.createdAt]: now().toISOString(),
      ...(name === undefined ? {} : { [FIELD.title]: name }),
    };
    const answer = await wire({ method: 'POST', path: '/volumes/create', body: { Name: nameFor(own, clientToken), Driver: 'local', Labels: labels }, signal });
    const made = expecting(answer, [200, 201], 'make a volume').body as EngineVolume;
    if (!isOurs(own, made.Labels ?? {})) throw new FogbowError('cloud-rejected', `The engine has a volume ${made.Name} that is not of this cloud; remove it or choose another prefix.`);
    return asVolume(made);
  };

  return {
    create(request, { signal }) {
      return turns.take(signal, () => {
        requireClientToken(request.clientToken);
        if (!Number.isInteger(request.sizeGb) || request.sizeGb < 1) throw new FogbowError('cloud-rejected', 'A volume has a whole number of GB, at least 1.');
        return make(request, signal);
      });
    },
    find: (clientToken, { signal }) => find(clientToken, signal),
    describe: (id, { signal }) => describe(id, signal),
    list: ({ signal }) => list(signal),
    async remove(id, { signal }) {
      const found = await describe(id, signal);
      if (!found) return;
      const answer = await wire({ method: 'DELETE', path: `/volumes/${encodeURIComponent(nameFor(own, found.clientToken ?? ''))}`, signal });
      if (answer.status === 409) throw new FogbowError('conflict', `The volume is in use: ${wordsOf(answer)}`);
      if (answer.status !== 204 && answer.status !== 404) throw engineFault(answer, 'remove a volume');
    },
  };
}

function asVolume({ Labels: given }: EngineVolume): Volume {
  const labels = given ?? {};
  const { [FIELD.title]: name, [FIELD.createdAt]: createdAt } = labels;
  const clientToken = clientTokenIn(labels);
  return {
    id: `${clientToken}-${labels[FIELD.nonce] ?? ''}`, clientToken, sizeGb: Number(labels[FIELD.sizeGb] ?? 0), state: 'active',
    ...(name === undefined ? {} : { name }), ...(createdAt === undefined ? {} : { createdAt: new Date(createdAt) }),
  };
}
