import { isFogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { PagePlace } from '../messages/result-set.js';

export interface ReadPagesOptions<Page> {
  /** How many to ask for; always sent, because an original fails without it (spec §3.3). The peer may give fewer. */
  readonly pageSize: number;
  /** Requests after which reading ends in any case. */
  readonly mostRequests?: number;
  read(query: { readonly max: number; readonly after?: MemberId }): Promise<Page>;
}

type AnyPage = PagePlace & { readonly members: readonly { readonly id: MemberId }[] };

const MOST_REQUESTS = 1000;

/**
 * Every page of a list that lives on while it is read. Ends at an empty page, at the place where the peer's own numbers say so, or
 * when the peer repeats itself: originals give no total and pages of a size of their own. When the member after which the next page
 * begins has gone meanwhile (not-found), the one before it takes its place. Other errors of `read` pass through.
 */
export async function* readPages<Page extends AnyPage>({ pageSize, mostRequests = MOST_REQUESTS, read }: ReadPagesOptions<Page>): AsyncGenerator<Page> {
  const passed: MemberId[] = [];
  const ends = new Set<MemberId>();
  for (let requests = 0; requests < mostRequests; requests += 1) {
    const after = passed.at(-1);
    const page = await read({ max: pageSize, ...(after === undefined ? {} : { after }) }).catch((error: unknown) => {
      if (after === undefined || !isFogbowError(error) || error.code !== 'not-found') throw error;
      return undefined;
    });
    if (!page) {
      passed.pop();
      continue;
    }
    const last = page.members.at(-1)?.id;
    if (last === undefined) return;
    yield page;
    if (isEnd(page) || ends.has(last)) return;
    ends.add(last);
    passed.push(...page.members.map(({ id }) => id));
  }
}

const isEnd = ({ index, total, members }: AnyPage): boolean => index !== undefined && index + members.length >= total;
