import { strict as assert } from 'node:assert';
import { sendRaw } from '../raw-request.js';
import type { RawAnswer, RawRequest } from '../raw-request.js';

/** What the rows share and leave for each other. */
export interface OcciWorld {
  readonly url: string;
  readonly member: string;
  readonly other: string;
  readonly token: string;
  readonly strangerToken: string;
  /** Ids and names found on the way, such as that of the order that is looked at. */
  readonly known: Map<string, string>;
}

/** A whole text, a pattern in it, or several of these. */
export type Expected = string | RegExp | readonly RegExp[];

/** One line of the table: request → status, headers, body. `{name}` stands for what is known under that name. */
export interface Row {
  readonly name: string;
  readonly request: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly as?: 'owner' | 'stranger' | 'nobody';
  readonly status: number;
  readonly answer?: Expected;
  readonly answerHeaders?: Readonly<Record<string, RegExp | undefined>>;
  /** Repeats the request until the answer is the expected one. */
  readonly isAwaited?: boolean;
  /** What later rows need. */
  readonly learn?: (answer: RawAnswer, known: Map<string, string>) => void;
}

export async function ask(world: OcciWorld, row: Row): Promise<RawAnswer> {
  const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => world.known.get(name) ?? whole);
  const [method = '', path = ''] = filled(row.request).split(' ');
  const token = { owner: world.token, stranger: world.strangerToken, nobody: '' }[row.as ?? 'owner'];
  const headers = Object.fromEntries(Object.entries(row.headers ?? {}).map(([name, value]) => [name, typeof value === 'string' ? filled(value) : value.map(filled)]));
  const request: RawRequest = { method, path, headers: { ...(token ? { 'X-Auth-Token': token } : {}), ...headers }, ...(row.body === undefined ? {} : { body: row.body }) };
  return await sendRaw(world.url, request);
}

/** Throws what differs. */
export function check(row: Row, answer: RawAnswer, fill: (text: string) => string): void {
  assert.equal(answer.status, row.status, `status ${answer.status} in place of ${row.status}: ${answer.body.slice(0, 200)}`);
  for (const [name, pattern] of Object.entries(row.answerHeaders ?? {})) {
    const value = answer.headers[name.toLowerCase()];
    if (pattern === undefined) assert.equal(value, undefined, `header ${name}`);
    else assert.match(String(value), pattern, `header ${name}`);
  }
  if (typeof row.answer === 'string') assert.equal(answer.body, fill(row.answer));
  else for (const pattern of [row.answer ?? []].flat() as readonly RegExp[]) assert.match(answer.body, new RegExp(fill(pattern.source), pattern.flags));
}
