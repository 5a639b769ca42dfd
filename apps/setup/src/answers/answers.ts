/** What an operator is asked. Kept as answers.yaml in the folder, so that a second run asks nothing again. Holds no secret but what the cloud's file names. */
export interface Answers {
  /** Of the member, such as example.org: its Manager is manager.example.org, its DMZ external.example.org. */
  readonly domain: string;
  readonly layout: Layout;
  /** Of the internal host, on which the API is served. */
  readonly internalAddress: string;
  /** Of the external host, as the world reaches it. */
  readonly publicAddress: string;
  /** On which it listens for the world: the same, or 0.0.0.0 where somebody translates addresses. */
  readonly publicBind: string;
  /** Of the external host, as the internal host and the cloud's machines reach it. */
  readonly insideAddress: string;
  /** `own`, or the address of somebody else's Rendezvous. */
  readonly rendezvous: string;
  readonly cloud: CloudAnswer;
  /** A user to begin with, whose token is made. */
  readonly user: string;
  /** `trial`: an authority of our own; `files`: those that lie in the certificates folder, put there by whoever renews them. */
  readonly certificates: 'trial' | 'files';
  readonly publicPorts: { readonly from: number; readonly to: number };
  /** Whose images the servers are: the official ones, or those that deploy/images/build.sh --debian makes. */
  readonly images: 'official' | 'debian';
  /** Numbers of the user who owns everything and as whom containers run. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Settings of the Manager beyond those asked for. */
  readonly manager: Readonly<Record<string, unknown>>;
}

/** The part of the answers that is no secret of the other host. */
export type Site = Pick<Answers, 'domain' | 'layout' | 'internalAddress' | 'publicAddress' | 'insideAddress' | 'rendezvous' | 'certificates' | 'publicPorts'> & { readonly host: 'internal' | 'external' };

export type Layout = 'two-hosts' | 'all-in-one';

export interface CloudAnswer {
  readonly plugin: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials: Readonly<Record<string, unknown>>;
}

/** What follows from the domain. */
export interface Names {
  readonly manager: string;
  readonly rendezvous: string;
  readonly external: string;
  readonly internal: string;
  /** A component of its own, as which `fogbow doctor` tries the ways. */
  readonly doctor: string;
}

export function namesOf({ domain }: Pick<Answers, 'domain'>): Names {
  return { manager: `manager.${domain}`, rendezvous: `rendezvous.${domain}`, external: `external.${domain}`, internal: `internal.${domain}`, doctor: `doctor.${domain}` };
}

/** The Rendezvous that the Manager announces itself to. */
export const rendezvousOf = (answers: Pick<Answers, 'domain' | 'rendezvous'>): string => (answers.rendezvous === 'own' ? namesOf(answers).rendezvous : answers.rendezvous);

/** All addresses of a host, as what listens says it. */
export const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';

export const PORTS = { api: 8182, health: 8180, rendezvousHttp: 8181, component: 5348, s2s: 5269, redis: 6379, redisOfTunnel: 6378, tunnelSsh: 2222, tunnelHttp: 2223 } as const;
