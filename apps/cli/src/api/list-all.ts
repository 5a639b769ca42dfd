import { notAManager } from './explain-failure.js';
import type { HttpConnection } from './http-connection.js';

const PAGE = 500;
/** Short lists come whole; their servers take no page parameters. */
const PAGED = new Set(['orders', 'computes', 'volumes', 'networks', 'attachments']);

type Page<Item> = { readonly [name: string]: readonly Item[] } & { readonly next?: string | null };

/** Every page of `/v1/<name>`, or as many as hold `most` items. */
export async function listAll<Item>(http: HttpConnection, name: string, query: Readonly<Record<string, string | undefined>> = {}, most = Infinity): Promise<Item[]> {
  const found: Item[] = [];
  for (let cursor: string | undefined; ;) {
    const limit = PAGED.has(name) ? { limit: String(Math.min(PAGE, most - found.length)) } : {};
    const page = await http.json<Page<Item> | undefined>({ path: `/v1/${name}`, query: { ...query, ...limit, cursor } });
    const items = page?.[name];
    if (!Array.isArray(items)) throw notAManager(http.url);
    found.push(...(items as Item[]));
    const next = page?.next ?? undefined;
    if (!next || next === cursor || found.length >= most) return found.slice(0, most);
    cursor = next;
  }
}
