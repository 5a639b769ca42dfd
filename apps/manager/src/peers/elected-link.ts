import type { FederationLink } from '@fogbow/messaging';
import type { Office } from './hold-office.js';

export interface ElectedLinkOptions {
  /** The link itself, anew for each term; not started. */
  open(): FederationLink;
  /** What this process says while another one holds the link. */
  readonly queued: FederationLink;
  /** Says what the other processes have to say, as long as the term lasts. */
  speak(link: FederationLink): { close(): Promise<void> };
  /** Stands for the office of the one who speaks. */
  runForOffice(serve: (lost: AbortSignal) => Promise<void>): Office;
}

/** The federation link of a process that may hold it: it does while it holds the office, and else speaks through the one that does. */
export interface ElectedLink extends FederationLink {
  /** Whether this process speaks for the member just now. */
  speaks(): boolean;
}

export function createElectedLink({ open, queued, speak, runForOffice }: ElectedLinkOptions): ElectedLink {
  const registrations: ((link: FederationLink) => void)[] = [];
  let own: FederationLink | undefined;
  let opened: Promise<void> = Promise.resolve();
  let office: Office | undefined;
  const current = (): FederationLink => own ?? queued;
  const serve = async (lost: AbortSignal): Promise<void> => {
    const link = open();
    for (const register of registrations) register(link);
    own = link;
    const speakers = speak(link);
    opened = link.start();
    await aborted(lost);
    own = undefined;
    // No new calls of others; those under way fail with the link instead of keeping it.
    const closed = speakers.close();
    await opened;
    await link.stop();
    await closed;
  };
  return {
    request: (to, message, payload, options) => current().request(to, message, payload, options),
    post: (to, message, payload, options) => current().post(to, message, payload, options),
    answer: (to, message, id, outcome) => current().answer(to, message, id, outcome),
    handle: (message, handler) => void registrations.push((link) => link.handle(message, handler)),
    onLateReply: (message, listener) => void registrations.push((link) => link.onLateReply(message, listener)),
    async start() {
      office = runForOffice(serve);
      await office.firstTry;
      await opened;
    },
    stop: async () => await office?.stop(),
    connected: () => current().connected(),
    speaks: () => own !== undefined,
  };
}

const aborted = (signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
});
