import type { Category } from '@fogbow/occi';

export const CORE = 'http://schemas.ogf.org/occi/core#';
export const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
export const ORDER_SCHEME = 'http://schemas.fogbowcloud.org/order#';
export const FLAVOR_SCHEME = 'http://schemas.fogbowcloud.org/template/resource#';
export const IMAGE_SCHEME = 'http://schemas.fogbowcloud.org/template/os#';
export const COMPUTE_ACTIONS = 'http://schemas.ogf.org/occi/infrastructure/compute/action#';
export const RESOURCE_TPL = `${INFRASTRUCTURE}resource_tpl`;
export const OS_TPL = `${INFRASTRUCTURE}os_tpl`;
export const PREFIX = 'org.fogbowcloud.order.';
export const PUBLIC_KEY = 'org.fogbowcloud.credentials.publickey.data';
/** What stands where there is nothing to say (spec §1.7). */
export const ABSENT = 'Not defined';

export const ORDER_CATEGORY: Category = { term: 'order', scheme: ORDER_SCHEME, class: 'kind' };
/** The names of 2014 (spec §1.1) are the same thing. */
export const OLD_ORDER_CATEGORY: Category = { term: 'fogbow_request', scheme: 'http://schemas.fogbowcloud.org/request#', class: 'kind' };

/** The names under which orders are spoken of: clients get the answer in the names that they asked with. */
export interface Dialect {
  readonly path: string;
  readonly kind: Category;
  readonly prefix: string;
}

export const PRESENT: Dialect = { path: '/order', kind: ORDER_CATEGORY, prefix: PREFIX };
export const OF_2014: Dialect = { path: '/fogbow_request', kind: OLD_ORDER_CATEGORY, prefix: 'org.fogbowcloud.request.' };

/** The early documentation also shows the key under OpenStack's name. */
const RENAMED: readonly (readonly [from: string, to: string])[] = [[OF_2014.prefix, PREFIX], ['org.openstack.credentials.publickey.', 'org.fogbowcloud.credentials.publickey.']];

/** An attribute's present name. */
export function presentName(name: string): string {
  const found = RENAMED.find(([from]) => name.startsWith(from));
  return found ? found[1] + name.slice(found[0].length) : name;
}
