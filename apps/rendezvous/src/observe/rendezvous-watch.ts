/** What the Rendezvous counts. */
export interface RendezvousWatch {
  announcement(outcome: 'entered' | 'refreshed' | 'ignored'): void;
  /** Rounds over the pages of a neighbour, and the neighbours' questions that were answered. */
  sync(outcome: 'read' | 'failed' | 'answered'): void;
  /** Messages that were answered with an error, and members of neighbours that could not be taken over. */
  refusal(what: 'announcement' | 'question' | 'sync' | 'heard', times?: number): void;
  dropped(members: number): void;
}

const nothing = (): void => undefined;
export const noWatch: RendezvousWatch = { announcement: nothing, sync: nothing, refusal: nothing, dropped: nothing };
