import { FogbowError } from '@fogbow/plugin-contracts';
import type { XmlElement } from '../xml/element.js';
import { element } from '../xml/element.js';
import { optionalText } from './read-payload.js';

/** What Managers told of their cloud until 2015-12 (spec §3.1), in their own words: decimal numbers, of units that were never written down. */
export type MemberStatus = { readonly [Field in keyof typeof FIELDS]?: string };

const FIELDS = {
  cpuIdle: 'cpu-idle', cpuInUse: 'cpu-inuse', memIdle: 'mem-idle', memInUse: 'mem-inuse', instancesIdle: 'instances-idle', instancesInUse: 'instances-inuse',
} as const;
const NAMES = Object.entries(FIELDS) as [keyof typeof FIELDS, string][];
const MAX_TEXT = 32;

/** One element for each known field. */
export const encodeStatus = (status: MemberStatus, namespace: string): XmlElement[] =>
  NAMES.flatMap(([field, name]) => (status[field] === undefined ? [] : [element(name, namespace, [status[field]])]));

/** Undefined when none of the fields is there. */
export function decodeStatus(parent: XmlElement | undefined): MemberStatus | undefined {
  const given = NAMES.map(([field, name]) => [field, optionalText(parent, name)] as const).filter(([, text]) => text !== undefined);
  for (const [, text = ''] of given) if (text.length > MAX_TEXT) throw new FogbowError('bad-syntax', `A value of the status may have ${MAX_TEXT} characters.`);
  return given.length > 0 ? Object.fromEntries(given) : undefined;
}

/** The status as a Manager of those days needs it: every field, 0 where nothing is known. */
export const completeStatus = (status: MemberStatus | undefined): MemberStatus => Object.fromEntries(NAMES.map(([field]) => [field, status?.[field] ?? '0']));
