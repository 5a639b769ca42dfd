import type { Attachment } from '@fogbow/plugin-contracts';
import type { CinderVolume } from './cinder-volume.js';

/** What the metadata of a volume say of an attachment, from before Nova is asked until it is detached. */
export interface AttachmentNote {
  readonly clientToken: string;
  readonly nonce: string;
  readonly instanceId: string;
  /** What was wished; Nova may have chosen another. */
  readonly device: string;
}

/** Nova's attachments have no room for a client token, so the volume carries it: one key for each, since tries may cross. */
const KEY = 'fogbow_attachment_';

export const noteKey = (clientToken: string): string => `${KEY}${clientToken}`;
export const noteText = ({ nonce, instanceId, device }: AttachmentNote): string => `${nonce} ${instanceId} ${device}`.trim();

export function notesOf({ metadata }: Pick<CinderVolume, 'metadata'>): AttachmentNote[] {
  return Object.entries(metadata).filter(([key]) => key.startsWith(KEY)).map(([key, text]) => {
    const [nonce = '', instanceId = '', device = ''] = text.split(' ');
    return { clientToken: key.slice(KEY.length), nonce, instanceId, device };
  });
}

/** Attachments have no id of their own that tells the volume and is never used again: this one is. */
export const attachmentId = (volumeId: string, nonce: string): string => `${volumeId}-${nonce}`;
export const volumeIdOf = (id: string): string => id.replace(/-[0-9a-f]{8}$/, '');

const ON_ITS_WAY = ['reserved', 'attaching'];
const THERE = ['in-use'];

/** The machine that has the volume, or is about to: Cinder names it only when all is done. */
export function holderOf(volume: CinderVolume): string | undefined {
  return volume.attachments[0]?.server_id ?? (ON_ITS_WAY.includes(volume.status) ? notesOf(volume)[0]?.instanceId : undefined);
}

/** Pure: the attachment of a volume of ours; undefined where it is none, or is ending. */
export function attachmentOf(volume: CinderVolume): Attachment | undefined {
  const { id: volumeId, status, attachments } = volume;
  const serverId = attachments[0]?.server_id;
  const isThere = THERE.includes(status) && serverId !== undefined;
  if (!isThere && !ON_ITS_WAY.includes(status) && status !== 'error_attaching') return undefined;
  const note = notesOf(volume).find(({ instanceId }) => serverId === undefined || instanceId === serverId);
  if (!note) return undefined;
  const failed = status === 'error_attaching';
  return {
    id: attachmentId(volumeId, note.nonce), clientToken: note.clientToken, volumeId, instanceId: note.instanceId,
    device: attachments[0]?.device || note.device, state: failed ? 'failed' : isThere ? 'active' : 'inactive',
    ...(failed ? { fault: 'Cinder set the volume to error_attaching.' } : {}),
  };
}
