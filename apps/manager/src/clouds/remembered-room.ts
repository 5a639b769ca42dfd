import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { shortages } from '@fogbow/request-model';
import type { Amount, Quota } from '@fogbow/request-model';
import type { Clock } from '@fogbow/service-runtime';

/** Why a cloud need not be asked now. */
export interface RoomRefusal {
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface RememberedRoomOptions {
  ask(signal: AbortSignal): Promise<Quota>;
  readonly clock: Pick<Clock, 'uptime'>;
  /** Longest wait for an answer. */
  readonly patienceMs: number;
}

/** The room of a cloud, asked for once for all who want to know at about the same time. Of a cloud that says no room it is not known, and it is tried. */
export interface RememberedRoom {
  /** Undefined where the cloud may be asked for so much. */
  refusalOf(takes: Amount): Promise<RoomRefusal | undefined>;
  /** Did it give no answer last? What is old is asked again in the background. */
  isSilent(): boolean;
  /** What is known is not true any more: the next one asks. */
  forget(): void;
}

type Known = { readonly quota: Quota | undefined } | { readonly fault: RoomRefusal };

const FRESH_MS = 1000;
/** After these the cloud is there, and only this question is not for us. */
const ANSWERS: readonly ErrorCode[] = ['cloud-rejected', 'method-not-allowed', 'not-found', 'conflict', 'forbidden'];

export function createRememberedRoom({ ask, clock, patienceMs }: RememberedRoomOptions): RememberedRoom {
  let known: { readonly what: Known; readonly at: number } | undefined;
  let asking: Promise<void> | undefined;
  const learn = (): Promise<void> => (asking ??= inTime(ask, AbortSignal.timeout(patienceMs)).then((quota): Known => ({ quota }), knownFault)
    .then((what) => { known = { what, at: clock.uptime() }; })
    .finally(() => { asking = undefined; }));
  const isOld = (): boolean => known === undefined || clock.uptime() - known.at > FRESH_MS;
  const refusalNow = (takes: Amount): RoomRefusal | undefined => (known ? refusalIn(known.what, takes) : undefined);
  const isFault = (): boolean => known !== undefined && 'fault' in known.what;
  return {
    async refusalOf(takes) {
      // Nobody waits for a cloud that gave no answer before: it is asked, and those who come after the answer have it.
      const before = known;
      if (isOld() && isFault()) void learn();
      else if (isOld()) await learn();
      const refusal = refusalNow(takes);
      // Room may have come since: only news may say that there is none.
      if (refusal?.code !== 'quota-exceeded' || known !== before) return refusal;
      await learn();
      return refusalNow(takes);
    },
    isSilent() {
      if (isOld()) void learn();
      return isFault();
    },
    forget() {
      known = undefined;
    },
  };
}

/** Not all that a call waits for knows its signal. */
function inTime(ask: RememberedRoomOptions['ask'], signal: AbortSignal): Promise<Quota> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new FogbowError('cloud-unavailable', 'the cloud does not answer')), { once: true });
    ask(signal).then(resolve, reject);
  });
}

function knownFault(error: unknown): Known {
  const { code, message, entry } = asFogbowError(error instanceof FogbowError ? error : new FogbowError('cloud-unavailable', 'the cloud does not answer', { cause: error }));
  return ANSWERS.includes(code) ? { quota: undefined } : { fault: { code, reason: code === 'internal' ? entry.meaning : message } };
}

function refusalIn(known: Known, takes: Amount): RoomRefusal | undefined {
  if ('fault' in known) return known.fault;
  const short = known.quota ? shortages(known.quota, takes) : [];
  return short.length === 0 ? undefined : { code: 'quota-exceeded', reason: `no room: ${short.join(', ')} used up` };
}
