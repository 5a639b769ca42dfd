import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudCall, CloudPlugin } from '@fogbow/plugin-contracts';
import { openstackCloud } from './openstack-cloud.js';

/** What a stage answers: a status, a body, headers. With the header `X-Stage: silent` it takes the request and never answers. */
export type Staged = readonly [status: number, body?: unknown, headers?: Readonly<Record<string, string>>];

export interface StagedRequest {
  /** `POST /compute/servers?name=x`: below the stage's services, with the query. */
  readonly line: string;
  /** JSON, or the bytes of a file. */
  readonly body: unknown;
  readonly headers: IncomingHttpHeaders;
}

/** For tests: a server that answers as it is told, with a Keystone that takes the token `good`, on a port of its own. */
export interface StagedOpenStack {
  readonly authUrl: string;
  readonly call: CloudCall;
  /** All that was asked, Keystone left out. */
  readonly asked: StagedRequest[];
  /** Answers requests whose line begins so, in the order given; the last answer stays. What is not staged is 404. */
  on(line: string, ...answers: (Staged | ((request: StagedRequest) => Staged))[]): void;
  plugin(settings?: Readonly<Record<string, unknown>>): CloudPlugin;
  lines(): string[];
  close(): Promise<void>;
}

export const HOST = { memberId: 'site-a.example', now: () => new Date(), log: { info: () => undefined, warn: () => undefined } };

export async function stageOpenStack(): Promise<StagedOpenStack> {
  const stages = new Map<string, (Staged | ((request: StagedRequest) => Staged))[]>();
  const asked: StagedRequest[] = [];
  const answer = (request: StagedRequest): Staged => {
    const line = [...stages.keys()].filter((key) => request.line.startsWith(key)).sort((left, right) => right.length - left.length)[0];
    const answers = line === undefined ? undefined : stages.get(line);
    const next = (answers && answers.length > 1 ? answers.shift() : answers?.[0]) ?? [404];
    return typeof next === 'function' ? next(request) : next;
  };
  let base = '';
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (bytes: Buffer) => chunks.push(bytes)).on('error', () => undefined).on('end', () => {
      const bytes = Buffer.concat(chunks);
      const isFile = request.headers['content-type'] === 'application/octet-stream';
      const seen = { line: `${request.method} ${request.url}`, body: isFile ? bytes : bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8')) as unknown, headers: request.headers };
      const isKeystone = seen.line.includes('/v3/auth/tokens');
      if (!isKeystone) asked.push(seen);
      const [status, body, headers] = isKeystone && !stages.has(seen.line) ? keystone(base, seen) : answer(seen);
      if (headers?.['X-Stage'] === 'silent') return;
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body === undefined ? undefined : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plugins: CloudPlugin[] = [];
  return {
    authUrl: `${base}/v3`, asked, call: { token: { value: 'good' }, signal: new AbortController().signal },
    on: (line, ...answers) => void stages.set(line, answers),
    plugin(settings = {}) {
      const plugin = openstackCloud.create({ authUrl: `${base}/v3`, network: 'net', image: 'img', ...settings }, HOST);
      plugins.push(plugin);
      return plugin;
    },
    lines: () => asked.map(({ line }) => decodeURIComponent(line.replaceAll('+', ' '))),
    async close() {
      for (const plugin of plugins) await plugin.stop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function keystone(base: string, { line, headers, body }: StagedRequest): Staged {
  const endpoints = (name: string): object[] => [{ interface: 'public', region_id: 'one', url: `${base}/${name}` }];
  const catalog = [['compute', 'compute'], ['image', 'image'], ['network', 'network'], ['volumev3', 'volume']].map(([type, name]) => ({ type, endpoints: endpoints(name ?? '') }));
  const token = { expires_at: '2030-01-01T00:00:00.000000Z', project: { id: 'project' }, catalog };
  const wrong = line.startsWith('POST') ? JSON.stringify(body).includes('wrong') : headers['x-auth-token'] !== 'good';
  return wrong ? [401, { error: { message: 'The request you have made requires authentication.' } }] : [line.startsWith('POST') ? 201 : 200, { token }, { 'X-Subject-Token': 'good' }];
}

/** The lists that every create of a machine reads. */
export function stageLists(stage: StagedOpenStack): void {
  stage.on('GET /compute/servers/detail', [200, { servers: [] }]);
  stage.on('GET /compute/flavors/detail', [200, { flavors: [{ id: 'f1', name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 }] }]);
  stage.on('GET /image/v2/images', [200, { images: [{ id: 'i1', name: 'img', status: 'active' }] }]);
  stage.on('GET /network/v2.0/networks', [200, { networks: [{ id: 'n1', name: 'net' }, { id: 'n2', name: 'public' }] }]);
}
