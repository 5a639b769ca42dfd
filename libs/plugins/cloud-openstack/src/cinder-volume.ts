import type { ResourceState, Volume } from '@fogbow/plugin-contracts';
import { holderOf } from './nova-attachment.js';
import { isOurName, TITLE_KEY, TOKEN_KEY } from './our-names.js';

/** A volume as `GET /volumes/detail` shows it (Block Storage API v3). */
export interface CinderVolume {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly size: number;
  readonly created_at?: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly attachments: readonly { readonly server_id: string; readonly device?: string }[];
}

const STATES: Readonly<Record<string, ResourceState>> = {
  creating: 'inactive', downloading: 'inactive', managing: 'inactive', error: 'failed', error_deleting: 'failed', error_restoring: 'failed', error_extending: 'failed', error_managing: 'failed',
};

/** Cinder removes nothing that it is making. */
export const isInTheMaking = ({ status }: CinderVolume): boolean => status === 'creating' || status === 'downloading';
export const isLeavingVolume = ({ status }: CinderVolume): boolean => status === 'deleting' || status === 'deleted';
export const isOurVolume = ({ name, metadata }: CinderVolume): boolean => name !== null && isOurName(name) && metadata[TOKEN_KEY] === name;

/** Pure: a volume of ours; undefined when it is leaving. */
export function volumeOf(volume: CinderVolume): Volume | undefined {
  if (isLeavingVolume(volume)) return undefined;
  const { id, metadata, size, status, created_at: created } = volume;
  const [state, clientToken, title, attachedTo] = [STATES[status] ?? 'active', metadata[TOKEN_KEY], metadata[TITLE_KEY], holderOf(volume)];
  return {
    id, sizeGb: size, state,
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(title === undefined ? {} : { name: title }),
    ...(attachedTo === undefined ? {} : { attachedTo }),
    // Cinder's times are UTC and do not say so.
    ...(created === undefined ? {} : { createdAt: new Date(/Z|[+-]\d\d:\d\d$/.test(created) ? created : `${created}Z`) }),
    ...(state === 'failed' ? { fault: `Cinder set it to ${status}.` } : {}),
  };
}
