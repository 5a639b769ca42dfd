import type { AttachmentRecord, Book } from './disk-books.js';
import { askAll } from './fleet.js';
import type { Host } from './fleet.js';
import { parseId } from './machine-record.js';

/** The attachments whose machine is there. Those of a host that does not answer hold: it may have the machine. */
export interface AttachmentHolds {
  all(signal: AbortSignal): Promise<AttachmentRecord[]>;
  /** Throws cloud-unavailable where the host of its machine does not answer. */
  holds(record: AttachmentRecord, signal: AbortSignal): Promise<boolean>;
  ofVolume(volumeId: string, signal: AbortSignal): Promise<AttachmentRecord | undefined>;
}

export function createAttachmentHolds(book: Book<AttachmentRecord>, hosts: readonly Host[]): AttachmentHolds {
  const hostOf = (instanceId: string): Host | undefined => hosts.find(({ spec }) => spec.name === parseId(instanceId)?.host);
  const holds = async ({ instanceId }: AttachmentRecord, signal: AbortSignal): Promise<boolean> =>
    (await hostOf(instanceId)?.machines.get(instanceId, signal)) !== undefined;
  return {
    holds,
    async all(signal) {
      const records = book.all();
      const asked = hosts.filter((host) => records.some(({ instanceId }) => hostOf(instanceId) === host));
      const answers = await askAll(asked, (host) => host.machines.look(signal));
      const there = new Set(answers.flatMap((answer) => ('value' in answer ? answer.value.map(({ record }) => record.id) : [])));
      const silent = new Set(answers.flatMap((answer) => ('fault' in answer ? [answer.host] : [])));
      return records.filter(({ instanceId }) => there.has(instanceId) || silent.has(hostOf(instanceId) as Host));
    },
    async ofVolume(volumeId, signal) {
      for (const record of book.all().filter((one) => one.volumeId === volumeId)) {
        if (await holds(record, signal)) return record;
        // Its machine is gone for good.
        book.drop(record);
      }
      return undefined;
    },
  };
}
