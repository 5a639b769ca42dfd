import assert from 'node:assert/strict';
import type { ApiClient } from '../api-client.js';
import type { Step } from '../story.js';

export type Headers = Readonly<Record<string, string>>;

export interface Row {
  readonly ask: string;
  readonly headers?: Headers;
  readonly body?: unknown;
  readonly status: number;
  /** Of the answer: equal, or matching. */
  readonly expect?: Readonly<Record<string, string | RegExp>>;
  /** The body has at least this. */
  readonly holds?: unknown;
  readonly keep?: (body: never, headers: Headers) => void;
}

/** What later rows need of earlier ones; `{name}` in a request stands for it. */
export const kept = new Map<string, string>();
const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => kept.get(name) ?? whole);
const fillAll = <Value>(value: Value): Value => JSON.parse(fill(JSON.stringify(value))) as Value;

export function row(name: string, client: () => ApiClient, { ask, headers = {}, body, status, expect = {}, holds, keep }: Row): Step {
  return [`${ask} → ${status}: ${name}`, async () => {
    const [method = '', path = ''] = fill(ask).split(' ');
    const type: Headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const sent: Record<string, string> = {};
    for (const [key, value] of Object.entries({ ...type, ...headers })) sent[key] = fill(value);
    const answer = await client().raw(method, path, { headers: sent, ...(body === undefined ? {} : { body: JSON.stringify(fillAll(body)) }) });
    const seen = `${answer.status} ${JSON.stringify(answer.data)?.slice(0, 600)}`;
    assert.equal(answer.status, status, seen);
    const got = answer.headers as Headers;
    for (const [header, wanted] of Object.entries({ 'x-request-id': /./, ...expect })) {
      if (typeof wanted === 'string') assert.equal(got[header], fill(wanted), header);
      else assert.match(String(got[header]), wanted, header);
    }
    if (holds !== undefined) assert.ok(hasAll(answer.data, fillAll(holds)), seen);
    keep?.(answer.data as never, got);
  }];
}

/** Whether a value has at least what is wanted: fields of objects, first items of arrays. */
function hasAll(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(wanted).every(([key, part]) => hasAll((value as Record<string, unknown>)[key], part));
}

export const problem = (status: number, code: string): Pick<Row, 'status' | 'expect' | 'holds'> => ({ status, expect: { 'content-type': /^application\/problem\+json/ }, holds: { status, code } });
export const remember = (name: string) => ({ ids }: { readonly ids: readonly string[] }): void => ids.forEach((id, index) => void kept.set(`${name}${index || ''}`, id));
