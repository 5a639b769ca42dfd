import { FogbowError } from '@fogbow/plugin-contracts';

/** The services of OpenStack that this plugin asks. */
export type Service = 'compute' | 'image' | 'network' | 'volume';

/** What Keystone tells with a token (Identity API v3, `GET /v3/auth/tokens`). */
export interface TokenBody {
  readonly expires_at?: string;
  readonly project?: { readonly id: string };
  readonly catalog?: readonly {
    readonly type: string;
    readonly endpoints: readonly { readonly interface: string; readonly region_id?: string; readonly region?: string; readonly url: string }[];
  }[];
}

export interface EndpointChoice {
  /** Absent: the first of the catalogue. */
  readonly region?: string | undefined;
  readonly interface: string;
}

/** Where the services of one project are: addresses without a slash at the end, up to and with the version of the API. */
export interface Endpoints {
  readonly projectId: string;
  urlOf(service: Service): string;
}

/** Types in the order of preference, and the version that an address must end with where the catalogue leaves it out. */
const KNOWN: Readonly<Record<Service, { readonly types: readonly string[]; readonly version?: string }>> = {
  compute: { types: ['compute'] },
  image: { types: ['image'], version: 'v2' },
  network: { types: ['network'], version: 'v2.0' },
  volume: { types: ['volumev3', 'block-storage', 'block-store'] },
};

/** Pure: the endpoints of a token's catalogue. A service that is not there is missed only when it is asked. */
export function endpointsOf(body: TokenBody, choice: EndpointChoice): Endpoints {
  const projectId = body.project?.id;
  if (projectId === undefined) throw new FogbowError('cloud-rejected', 'The token is for no project: name one in cloud.credentials (project or projectId).');
  return { projectId, urlOf: (service) => urlIn(body, choice, service) };
}

function urlIn({ catalog = [] }: TokenBody, { region, interface: wanted }: EndpointChoice, service: Service): string {
  const { types, version } = KNOWN[service];
  for (const type of types) {
    const endpoints = catalog.filter((entry) => entry.type === type).flatMap((entry) => entry.endpoints);
    const url = endpoints.find((one) => one.interface === wanted && (region === undefined || (one.region_id ?? one.region) === region))?.url.replace(/\/+$/, '');
    if (url !== undefined) return version && !url.endsWith(`/${version}`) ? `${url}/${version}` : url;
  }
  throw new FogbowError('cloud-rejected', `The catalogue of OpenStack has no ${wanted} endpoint of the service ${types[0]}${region ? ` in the region ${region}` : ''}; see the settings region and interface.`);
}
