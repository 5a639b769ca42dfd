export const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
export const COMPUTE_ACTIONS = 'http://schemas.ogf.org/occi/infrastructure/compute/action#';
export const OS_TPL = `${INFRASTRUCTURE}os_tpl`;
export const FLAVOR_SCHEME = 'http://schemas.fogbowcloud.org/template/resource#';
export const IMAGE_SCHEME = 'http://schemas.fogbowcloud.org/template/os#';
/** What a Fogbow Manager says beyond OCCI; of the reason why a thing is not there yet, too. */
export const PREFIX = 'org.fogbowcloud.order.';
export const PUBLIC_KEY = 'org.fogbowcloud.credentials.publickey.data';
/** OCCI 1.2, GFD.226: the rendering that this plugin speaks. */
export const JSON_TYPE = 'application/occi+json';

/** A mixin by the operator's word: a whole identifier (`scheme#term`), or a term of the scheme. */
export const mixinOf = (word: string, scheme: string): string => (word.includes('#') ? word : scheme + word);
