/** OpenStack as its administrator sees it: for seeding and for staging faults. Every answer that is no success rejects. */
export interface OpenStackAdmin {
  ask<Answer>(service: string, method: string, path: string, body?: unknown): Promise<Answer>;
  /** Uploads the bytes as they are. */
  upload(service: string, path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  readonly projectId: string;
}

export interface AdminAccount {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly project: string;
}

const TIMEOUT_MS = 60_000;

/** Cinder refuses versions that are not its own. */
const VERSIONS: Readonly<Record<string, string>> = { compute: 'compute 2.53', placement: 'placement 1.29' };

/** `urls`: the addresses of the services, `identity` for Keystone itself. */
export async function openAdmin({ authUrl, username, password, project }: AdminAccount, urls: Readonly<Record<string, string>>): Promise<OpenStackAdmin> {
  const domain = { id: 'default' };
  const auth = { identity: { methods: ['password'], password: { user: { name: username, domain, password } } }, scope: { project: { name: project, domain } } };
  const login = await send('POST', `${authUrl}/auth/tokens`, { 'Content-Type': 'application/json' }, JSON.stringify({ auth }));
  const token = login.headers.get('x-subject-token') ?? '';
  const { token: { project: own } } = await login.json() as { token: { project: { id: string } } };
  const urlOf = (service: string, path: string): string => `${service === 'identity' ? authUrl : urls[service] ?? ''}${path}`;
  return {
    projectId: own.id,
    async ask<Answer>(service: string, method: string, path: string, body?: unknown) {
      const headers = { 'X-Auth-Token': token, 'Content-Type': 'application/json', ...(VERSIONS[service] ? { 'OpenStack-API-Version': VERSIONS[service] } : {}) };
      const answer = await send(method, urlOf(service, path), headers, body === undefined ? undefined : JSON.stringify(body));
      const text = await answer.text();
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    },
    upload: async (service, path, bytes) => void await (await send('PUT', urlOf(service, path), { 'X-Auth-Token': token, 'Content-Type': 'application/octet-stream' }, bytes)).arrayBuffer(),
  };
}

async function send(method: string, url: string, headers: Readonly<Record<string, string>>, body?: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  const answer = await fetch(url, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body === undefined ? {} : { body }) });
  if (!answer.ok) throw new Error(`${method} ${url} was answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  return answer;
}
