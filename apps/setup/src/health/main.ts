import { get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';

/** What a container is asked whether it is well: exit status 0 when FOGBOW_HEALTH_URL answers 200, or is not given. */
const TIMEOUT_MS = 4000;

function ask(url: string): void {
  // The certificate is for the name that clients use, and this is loopback.
  const request = url.startsWith('https:') ? getSecure(url, { rejectUnauthorized: false, timeout: TIMEOUT_MS }) : getPlain(url, { timeout: TIMEOUT_MS });
  request.once('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  request.once('error', (error) => end(1, error.message));
  request.once('response', (response) => {
    let text = '';
    response.on('data', (bytes: Buffer) => { text += String(bytes); }).on('end', () => end(response.statusCode === 200 ? 0 : 1, text.slice(0, 1000)));
  });
}

function end(status: number, words: string): void {
  process.stdout.write(`${words}\n`, () => process.exit(status));
}

// eslint-disable-next-line no-restricted-properties -- a check has no settings; its one word comes from the container's environment
const url = process.env['FOGBOW_HEALTH_URL'];
if (url) ask(url);
