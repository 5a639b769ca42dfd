/**
 * The catalogue of jobs. A job is a wake-up call: it may be lost, doubled or late, and nothing that matters stands in
 * it alone. Duties of a Manager carry no payload at all: their workers read the database (docs/adr/0003).
 */
export const QUEUES = ['placement', 'release', 'monitoring', 'measuring', 'housekeeping', 'federation', 'tunnel-grants', 'tunnel-events'] as const;
export type QueueName = (typeof QUEUES)[number];

export interface JobPayloads {
  'place-orders': Record<string, never>;
  'release-instances': Record<string, never>;
  'monitor-instances': { readonly orderIds?: readonly string[] };
  'measure-power': Record<string, never>;
  'resend-pending': Record<string, never>;
  'check-served-orders': Record<string, never>;
  'refresh-members': Record<string, never>;
  'renew-tokens': Record<string, never>;
  'reconcile-grants': Record<string, never>;
  'prune-history': Record<string, never>;
  'update-capacity': Record<string, never>;
  'send-message': SendMessage;
  'grant-tunnels': GrantTunnels;
  'revoke-tunnels': RevokeTunnels;
  'replace-tunnels': ReplaceTunnels;
  'tunnel-event': TunnelEvent;
}
export type JobName = keyof JobPayloads;
/** The jobs that a Manager's workers do by themselves, woken or by their period; the others carry a call. */
export type Duty = Exclude<JobName, 'send-message' | 'grant-tunnels' | 'revoke-tunnels' | 'replace-tunnels' | 'tunnel-event'>;

/** What a requested job answers; jobs that are not named here answer nothing. */
export interface JobAnswers {
  'send-message': SendOutcome;
  'grant-tunnels': GrantsMade;
}
export type JobAnswer<Name extends JobName> = Name extends keyof JobAnswers ? JobAnswers[Name] : void;

export interface JobEntry {
  readonly queue: QueueName;
  readonly meaning: string;
}

export const JOBS: Readonly<Record<JobName, JobEntry>> = {
  'place-orders': { queue: 'placement', meaning: 'There may be open orders to place.' },
  'resend-pending': { queue: 'placement', meaning: 'Ask the peers again about orders sent to them, and give up on those that waited too long.' },
  'release-instances': { queue: 'release', meaning: 'There may be instances that nobody needs any more.' },
  'monitor-instances': { queue: 'monitoring', meaning: 'Compare the orders (all, or those named) with what the clouds say.' },
  'check-served-orders': { queue: 'monitoring', meaning: 'Ask requesters whether the instances that we serve are still wanted.' },
  'measure-power': { queue: 'measuring', meaning: 'There may be machines that are up and not measured yet.' },
  'refresh-members': { queue: 'housekeeping', meaning: 'Announce this member to the Rendezvous and read who else is alive.' },
  'renew-tokens': { queue: 'housekeeping', meaning: 'Renew tokens towards clouds before they expire.' },
  'reconcile-grants': { queue: 'housekeeping', meaning: 'Tell the Reverse Tunnel the whole list of grants.' },
  'prune-history': { queue: 'housekeeping', meaning: 'Drop records that are older than they are kept.' },
  'update-capacity': { queue: 'housekeeping', meaning: 'Set anew how much of our cloud other members may have.' },
  'send-message': { queue: 'federation', meaning: 'Say this to another member: for the process that holds the federation link, from one that does not.' },
  'grant-tunnels': { queue: 'tunnel-grants', meaning: 'Manager → tunnel: make these grants; the answer has their ports.' },
  'revoke-tunnels': { queue: 'tunnel-grants', meaning: 'Manager → tunnel: end these grants and their sessions.' },
  'replace-tunnels': { queue: 'tunnel-grants', meaning: 'Manager → tunnel: these are all my grants; add and end what differs.' },
  'tunnel-event': { queue: 'tunnel-events', meaning: 'Tunnel → Manager: a service came up or went down, a machine added or removed one, or a tunnel started and wants its grants.' },
};

/** A service of a machine that gets a port of the tunnel. `port` is set once given: it never changes while the grant lives. */
export interface GrantedService {
  readonly name: string;
  readonly port?: number;
  /** Reached by its name through the web port of the tunnel only: its own port is not open to the world. Absent: the port is public. */
  readonly kind?: 'http';
  /** The machine added it by itself. Of these the tunnel knows best while it has the grant, and the Manager keeps them for it. */
  readonly byMachine?: true;
}

/** A service that has its port. */
export type GivenService = GrantedService & { readonly port: number };

/** The right of one machine to open its tunnel. `secretHash` is SHA-256 of the secret, in hex. */
export interface TunnelGrant {
  readonly id: string;
  readonly secretHash: string;
  /** `ssh-ed25519 AAAA…`: whoever has its private half may log in as well as whoever has the secret. */
  readonly publicKey?: string;
  readonly owner: string;
  readonly services: readonly GrantedService[];
  readonly limits?: GrantLimits;
}

/** What is absent is as the settings of the tunnel say. 0 of the last two: no limit. */
export interface GrantLimits {
  readonly services?: number;
  /** Users at a time. */
  readonly connections?: number;
  /** In each direction, all users together. */
  readonly bytesPerSecond?: number;
  /** A user's connection on which nobody says anything for so long is closed. */
  readonly idleSeconds?: number;
}

export interface GrantTunnels {
  /** The member id of the Manager; a Manager touches only its own grants. */
  readonly manager: string;
  readonly grants: readonly TunnelGrant[];
}

export interface RevokeTunnels {
  readonly manager: string;
  readonly ids: readonly string[];
}

export interface ReplaceTunnels {
  readonly manager: string;
  readonly grants: readonly TunnelGrant[];
  /** Grants made after this time (ISO 8601) are not ended though they are not in the list. */
  readonly asOf: string;
}

export interface GrantsMade {
  /** What machines dial, and what they must pin: the host that made the grants. */
  readonly endpoint: TunnelEndpoint;
  /** All hosts of the tunnel, that one included: those that are alive first. A grant holds at each of them, on the same ports. Absent: there is one. */
  readonly endpoints?: readonly TunnelEndpoint[];
  /** So many of them are; absent: all. */
  readonly alive?: number;
  readonly grants: readonly ({ readonly id: string; readonly services: readonly GivenService[] } | { readonly id: string; readonly refused: string })[];
}

export interface TunnelEndpoint {
  /** Host and port that machines dial by SSH. */
  readonly dialHost: string;
  readonly dialPort: number;
  /** Host under which users reach the public ports. */
  readonly publicHost: string;
  /** OpenSSH public key line without comment, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** Its HTTP side, where it has one. */
  readonly web?: TunnelWeb;
}

export interface TunnelWeb {
  /** Where machines ask for services; no slash at the end. Services by name are on the same port. */
  readonly url: string;
  /** A service of kind http is `NAME--ORDER.<domain>`. Absent: there are none. */
  readonly domain?: string;
  /** PEM certificate that machines must trust, if no public authority vouches for the tunnel's. */
  readonly ca?: string;
}

export type TunnelEvent =
  | { readonly type: 'started' }
  | { readonly type: 'services-changed'; readonly grantId: string; readonly services: readonly GivenService[]; readonly at: string }
  | ServiceEvent;

/** A service of a machine can be reached, or not any more. Times are ISO 8601 by the clock of the tunnel's Redis, so that hosts agree about what came later. */
export interface ServiceEvent {
  readonly type: 'service-up' | 'service-down';
  readonly grantId: string;
  readonly service: string;
  readonly port: number;
  readonly at: string;
  /** When the machine's session began: of several hosts that one counts where it began last. */
  readonly since?: string;
  /** The host to which the machine is connected. */
  readonly where?: TunnelPlace;
}

/** A host of the tunnel as users see it, known by where machines dial it. */
export interface TunnelPlace {
  readonly dialHost: string;
  readonly dialPort: number;
  readonly publicHost: string;
  readonly web?: Omit<TunnelWeb, 'ca'>;
}

/** A call of the federation link as data. `message` names the message; `until` (ISO 8601) is when nobody waits for it any more. */
export interface SendMessage {
  readonly how: 'request' | 'post' | 'answer';
  readonly to: string;
  readonly message: string;
  readonly id?: string;
  readonly payload?: unknown;
  /** Of an answer that is an error. */
  readonly error?: SentError;
  readonly timeoutMs?: number;
  readonly until: string;
}

export interface SentError {
  readonly code: string;
  readonly message: string;
}

export type SendOutcome = { readonly reply: unknown } | { readonly error: SentError };
