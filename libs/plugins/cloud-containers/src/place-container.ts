import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { EngineContainers } from './engine-containers.js';
import { isOurs } from './labels.js';
import type { Ownership } from './labels.js';

export interface Placement {
  readonly containers: EngineContainers;
  readonly own: Ownership;
  readonly name: string;
  readonly spec: object;
  /** As the request named it. */
  readonly image: string | undefined;
  readonly signal: AbortSignal;
}

/** A name that nobody holds and nobody gets is taken by a removal, or by a create of another process that is on its way. */
const PAUSE_MS = 50;

/** The id of the container of this name, made now or by whoever was first. Not started. */
export async function placeContainer(placement: Placement): Promise<string> {
  const { containers, own, name, signal } = placement;
  for (;;) {
    const made = await make(placement);
    if (made !== undefined) return made;
    const other = await containers.inspect(name, signal);
    if (other && !isOurs(own, other.labels)) {
      throw new FogbowError('cloud-rejected', `The engine has a container ${name} that is not of this cloud; remove it or choose another prefix.`);
    }
    if (other && !['removing', 'dead'].includes(other.status)) return other.id;
    // A removal that came to nothing is finished.
    if (other?.status === 'dead') await containers.remove(other.id, signal);
    await delay(PAUSE_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', `The container ${name} is being removed; there was no time left to wait for it.`, { cause });
    });
  }
}

async function make({ containers, name, spec, image, signal }: Placement): Promise<string | undefined> {
  try {
    return await containers.create(name, spec, signal);
  } catch (error) {
    if (!isFogbowError(error) || error.code !== 'not-found') throw error;
    throw new FogbowError('cloud-rejected', `The engine does not have the image ${image ?? 'that machines start from'}. ${error.message}. Build it with deploy/machine-image/build.sh, or load it.`, { cause: error });
  }
}
