import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openAdmin } from '@fogbow/embedded-servers';
import type { OpenStackAdmin, OpenStackSite } from '@fogbow/embedded-servers';

/** A load balancer before the real Nova, as sites have one: it hands everything on, or says 503 as one does whose servers are all busy. */
export interface NovaDoor {
  /** From now on 503 with `Retry-After`, until `open`. */
  refuse(): void;
  open(): void;
  /** How many questions were refused. */
  refused(): number;
  /** The token that the last question brought. */
  token(): string;
  /** How many questions Nova itself has answered with 401. */
  unauthorized(): number;
  close(): Promise<void>;
}

const RETRY_AFTER_S = 1;

/** The internal endpoint of Nova in Keystone's catalogue leads here from now on; the public one stays, for everybody else. */
export async function openNovaDoor(site: OpenStackSite): Promise<NovaDoor> {
  const nova = new URL(String(site.urls['compute']));
  let [isRefusing, refused, unauthorized, token] = [false, 0, 0, ''];
  const server = createServer((asked, answer) => {
    token = String(asked.headers['x-auth-token'] ?? token);
    if (!isRefusing) return handOn(nova, asked, answer);
    refused += 1;
    asked.resume();
    answer.writeHead(503, { 'Retry-After': RETRY_AFTER_S, 'Content-Type': 'text/html' }).end('<html><body><h1>503 Service Unavailable</h1>No server is available to handle this request.</body></html>');
  });
  server.on('request', (_asked, answer) => answer.on('finish', () => { unauthorized += answer.statusCode === 401 ? 1 : 0; }));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await pointTo(await openAdmin({ ...site.admin, authUrl: site.authUrl }, site.urls), `http://127.0.0.1:${port}${nova.pathname}`);
  return {
    refuse() { isRefusing = true; },
    open() { isRefusing = false; },
    refused: () => refused,
    token: () => token,
    unauthorized: () => unauthorized,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function handOn({ hostname, port }: URL, asked: IncomingMessage, answer: ServerResponse): void {
  const passed = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (told) => {
    answer.writeHead(told.statusCode ?? 502, told.headers);
    told.pipe(answer);
  });
  passed.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()));
  asked.on('error', () => passed.destroy());
  answer.on('close', () => passed.destroy());
  asked.pipe(passed);
}

async function pointTo({ ask }: OpenStackAdmin, url: string): Promise<void> {
  const { services } = await ask<{ services: { id: string; type: string }[] }>('identity', 'GET', '/services?type=compute');
  const { endpoints } = await ask<{ endpoints: { id: string }[] }>('identity', 'GET', `/endpoints?interface=internal&service_id=${services[0]?.id ?? ''}`);
  await ask('identity', 'PATCH', `/endpoints/${endpoints[0]?.id ?? ''}`, { endpoint: { url } });
}
