/** The ids of one cloud as they are told outside: its name, a tilde, and what the cloud itself calls the thing. */
export interface IdsOfCloud {
  readonly name: string;
  outer(inner: string): string;
  /** Undefined for an id of another cloud. */
  inner(outer: string): string | undefined;
}

/** RFC 3986 §2.3: a tilde needs no quoting in a path, and hardly a cloud has it in its ids. */
const MARK = '~';

export function createIdsOf(name: string): IdsOfCloud {
  const prefix = `${name}${MARK}`;
  return {
    name,
    outer: (inner) => prefix + inner,
    inner: (outer) => (outer.startsWith(prefix) ? outer.slice(prefix.length) : undefined),
  };
}

/** What a further cloud may be called. */
export const isCloudName = (name: string): boolean => /^[a-z][a-z0-9-]{0,30}$/.test(name);
