import { get } from 'node:http';
import { until } from '@fogbow/embedded-servers';
import type { FederationMember } from './federation-file.js';

const LONGEST_MS = 15_000;

/**
 * Waits until every manager has heard of all others from the rendezvous: an order that comes before would find nobody to
 * ask and wait for its next turn. False when that took too long; the federation then works, but alone for a while.
 */
export function awaitAcquaintance(members: readonly FederationMember[], signal: AbortSignal): Promise<boolean> {
  if (members.length < 2) return Promise.resolve(true);
  const allKnown = async (): Promise<boolean> => (await Promise.all(members.map((member) => countAlive(member)))).every((count) => count >= members.length);
  return until(async () => signal.aborted || await allKnown(), LONGEST_MS, 100);
}

/** How many members this manager thinks alive, itself included; 0 when it does not say. */
async function countAlive({ managerUrl, users }: FederationMember): Promise<number> {
  try {
    const answer = JSON.parse(await read(`${managerUrl}/v1/members`, users[0]?.token ?? '')) as { members?: { alive?: boolean }[] };
    return answer.members?.filter(({ alive }) => alive).length ?? 0;
  } catch {
    return 0;
  }
}

function read(url: string, token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 2000, headers: { 'x-auth-token': token } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => { text += part; }).on('end', () => resolve(text)).on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
  });
}
