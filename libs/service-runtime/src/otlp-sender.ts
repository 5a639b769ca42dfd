import http from 'node:http';
import https from 'node:https';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

const TIMEOUT_MS = 5000;
const MOST_UNDER_WAY = 4;

export interface OtlpSenderOptions {
  readonly url: string;
  /** The body for these spans, JSON by the rules of OTLP. */
  serialize(spans: ReadableSpan[]): Uint8Array | undefined;
}

/** Sends spans by POST, once: what a receiver did not take is not kept for it. `code` of results: 0 taken, 1 not. */
export function createOtlpSender({ url, serialize }: OtlpSenderOptions): SpanExporter {
  const underWay = new Set<Promise<void>>();
  const send = async (body: Uint8Array): Promise<void> => {
    const work = post(url, body);
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
  };
  return {
    export(spans, done) {
      const body = serialize(spans);
      if (!body || underWay.size >= MOST_UNDER_WAY) return done({ code: 1, error: new Error('too many spans are under way') });
      send(body).then(() => done({ code: 0 }), (error: Error) => done({ code: 1, error }));
    },
    shutdown: async () => void await Promise.allSettled(underWay),
    forceFlush: async () => void await Promise.allSettled(underWay),
  };
}

function post(url: string, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? https : http).request(url, {
      method: 'POST', timeout: TIMEOUT_MS, headers: { 'Content-Type': 'application/json', 'Content-Length': body.byteLength },
    }, (response) => {
      response.on('error', reject).on('end', () => ((response.statusCode ?? 500) < 300 ? resolve() : reject(new Error(`the receiver of traces answered ${response.statusCode}`)))).resume();
    });
    request.on('timeout', () => request.destroy(new Error('the receiver of traces does not answer'))).on('error', reject).end(body);
  });
}
