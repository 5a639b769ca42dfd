import type { OrderSpec, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { irregular, sameCategory } from '@fogbow/occi';
import type { Category, OcciInput } from '@fogbow/occi';
import type { Submission } from '../../orders/submission.js';
import { FLAVOR_SCHEME, IMAGE_SCHEME, OS_TPL, PREFIX, presentName, PUBLIC_KEY, RESOURCE_TPL } from './names.js';
import { readUserData, unsupported } from './parse-order.js';
import { fixedResource } from './registry.js';

/** Setting occi.extraResources. */
export type ExtraResources = Readonly<Record<string, string>>;

const COMPUTE = fixedResource('compute');
const isImage = ({ rel, scheme }: Category): boolean => rel === OS_TPL || scheme === IMAGE_SCHEME;
const isSize = ({ rel, scheme }: Category): boolean => rel === RESOURCE_TPL || scheme === FLAVOR_SCHEME;

/** POST /compute of a plain OCCI client (spec §1.8): categories before the token is looked at. */
export function checkComputeCategories(categories: readonly Category[], extra: ExtraResources): void {
  if (!categories.some((category) => sameCategory(category, COMPUTE))) throw irregular();
  const known = new Set(['fogbow_public_key', 'fogbow_userdata', 'public_key', 'user_data', 'resource_tpl', 'os_tpl', extra['fogbow_public_key'], extra['fogbow_userdata']]);
  const odd = categories.find((category) => !sameCategory(category, COMPUTE) && !isImage(category) && !isSize(category) && !known.has(category.term));
  if (odd) throw new FogbowError('unknown-category', `The cloud does not support category: ${odd.term}`);
  if (categories.filter(isImage).length !== 1) throw new FogbowError('bad-syntax', 'Please provide a valid OS Template.');
}

/** One one-time machine. Each template means what the operator's map says; a flavor and an image of our own schemes mean themselves. */
export function parseCompute(owner: UserRef, { categories, attributes: given }: OcciInput, extra: ExtraResources, flavorNames: readonly string[]): Submission {
  const [image] = categories.filter(isImage).map(({ term, scheme }) => (scheme === IMAGE_SCHEME && !Object.hasOwn(extra, term) ? term : meaningOf(extra, term)));
  const sizes = categories.filter(isSize);
  const flavor = sizes.find(({ term, scheme }) => scheme === FLAVOR_SCHEME && extra[term] === undefined && flavorNames.includes(term))?.term;
  const attributes = translated(given, extra);
  const requirements = [...sizes.filter(({ term }) => term !== flavor).map(({ term }) => meaningOf(extra, term)), ...sizeWishes(attributes)].join(' && ');
  const publicKey = attributes.get(PUBLIC_KEY);
  const title = attributes.get('occi.core.title');
  const userData = readUserData((name) => attributes.get(PREFIX + name) || undefined);
  const spec: OrderSpec = {
    asInstance: true,
    ...(image ? { image } : {}), ...(flavor ? { flavor } : {}), ...(requirements ? { requirements } : {}),
    ...(publicKey ? { publicKey } : {}), ...(title ? { title } : {}), ...(userData.length > 0 ? { userData } : {}),
  };
  return { owner, count: 1, kind: 'compute', type: 'one-time', spec };
}

function meaningOf(extra: ExtraResources, term: string): string {
  const meaning = Object.hasOwn(extra, term) ? extra[term] : undefined;
  if (!meaning) throw new FogbowError('unknown-category', `There is not any property specified at manager conf file for OCCI resource: ${term}`);
  return meaning;
}

/** Least sizes: cores, memory in GB, and the disk of OCCI 1.2 in GB; what our flavors count them in. */
const SIZES: readonly (readonly [attribute: string, term: string, factor: number])[] = [
  ['occi.compute.cores', 'Glue2vCPU', 1], ['occi.compute.memory', 'Glue2RAM', 1024], ['occi.compute.ephemeral_storage.size', 'Glue2Disk', 1],
];

function sizeWishes(attributes: ReadonlyMap<string, string>): string[] {
  return SIZES.flatMap(([name, term, factor]) => {
    const wished = attributes.get(name);
    if (wished === undefined) return [];
    if (!/^\d{1,6}(?:\.\d{1,12})?$/.test(wished)) throw unsupported();
    return [`${term} >= ${Math.ceil(Number(wished) * factor)}`];
  });
}

const USED = [PUBLIC_KEY, `${PREFIX}extra-user-data`, `${PREFIX}extra-user-data-content-type`];
const TAKEN = new Set([...USED, 'org.fogbowcloud.credentials.publickey.name', 'occi.core.id', 'occi.core.title', ...SIZES.map(([name]) => name), ...(COMPUTE.attributes ?? []).map(({ name }) => name)]);

/** Attributes in our names: the operator may have mapped ours to those that the clients use. */
function translated(given: ReadonlyMap<string, string>, extra: ExtraResources): ReadonlyMap<string, string> {
  const ours = new Map(USED.flatMap((name) => (extra[name] ? [[extra[name], name] as const] : [])));
  const attributes = new Map([...given].map(([name, value]) => [ours.get(name) ?? presentName(name), value]));
  for (const name of attributes.keys()) if (!TAKEN.has(name)) throw unsupported();
  return attributes;
}
