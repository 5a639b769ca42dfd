/** A file of the cache. */
export interface CachedFile {
  readonly path: string;
  /** What it takes of the disk. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  readonly isInUse: boolean;
}

export interface EvictionPlan {
  readonly evict: readonly string[];
  /** Bytes by which the cache would still be too large. */
  readonly lacks: number;
}

/** Pure: which files go so that `needed` more bytes fit into `limit`; least recently used first, never one in use, and none without need. */
export function planEviction(files: readonly CachedFile[], needed: number, limit: number): EvictionPlan {
  let excess = files.reduce((sum, { bytes }) => sum + bytes, needed) - limit;
  const evict: string[] = [];
  for (const file of files.filter(({ isInUse }) => !isInUse).sort((left, right) => left.usedAt - right.usedAt || left.path.localeCompare(right.path))) {
    if (excess <= 0) break;
    evict.push(file.path);
    excess -= file.bytes;
  }
  return { evict, lacks: Math.max(0, excess) };
}
