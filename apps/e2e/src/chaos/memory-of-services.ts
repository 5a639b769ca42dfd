/** A container of a member's host, as the engine lists it and as it weighs it. */
export interface ContainerRows {
  /** Lines of `docker ps` with id and service. */
  readonly listed: string;
  /** Lines of `docker stats` with id and use of memory, such as `1f0c… 12.5MiB / 1.9GiB`. */
  readonly weighed: string;
}

/** Of an id, which one command may show whole. */
const short = (id: string): string => id.slice(0, 12);
const MIB_OF: Readonly<Record<string, number>> = { B: 1 / 1024 ** 2, KiB: 1 / 1024, MiB: 1, GiB: 1024 };

/** MiB of each service. Rejects rows that cannot be read, and hosts where one of the services has no memory: who is not weighed has not stayed small. */
export function memoryOfServices({ listed, weighed }: ContainerRows, services: readonly string[]): Map<string, number> {
  const rows = (text: string): string[][] => text.split('\n').map((line) => line.trim().split(/\s+/)).filter(([id]) => id);
  const serviceOf = new Map(rows(listed).map(([id = '', service = '']) => [short(id), service]));
  const all = new Map<string, number>();
  for (const [id = '', used = ''] of rows(weighed)) {
    const service = serviceOf.get(short(id));
    // It has come or gone between the two.
    if (service === undefined) continue;
    const [, amount, unit = ''] = /^([\d.]+)(B|KiB|MiB|GiB)$/.exec(used) ?? [];
    if (amount === undefined) throw new Error(`${service} uses ${used}, which is no amount`);
    all.set(service, (all.get(service) ?? 0) + Number(amount) * (MIB_OF[unit] ?? 0));
  }
  const missing = services.filter((service) => !((all.get(service) ?? 0) > 0));
  if (missing.length > 0) throw new Error(`the engine does not tell the memory of ${missing.join(', ')}: ${weighed.trim().split('\n').join('; ')}`);
  return all;
}
