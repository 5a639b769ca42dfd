import { NOTHING, plus } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import type { FakeLife } from './fake-entities.js';

/** Things of one kind by id and by name, with the use of each account kept in step, so every call is cheap whatever their number. */
export function createEntityIndex<Entity extends FakeLife>(useOf: (entity: Entity) => Amount) {
  const entities = new Map<string, Entity>();
  const names = new Map<string, string>();
  const use = new Map<string, Amount>();
  const mortal = new Set<Entity>();
  const nameOf = (account: string, clientToken: string): string => `${account}/${clientToken}`;
  const count = (entity: Entity, sign: 1 | -1): void => {
    use.set(entity.account, plus(use.get(entity.account) ?? NOTHING, times(useOf(entity), sign)));
  };
  const drop = (id: string): boolean => {
    const entity = entities.get(id);
    if (!entity) return false;
    entities.delete(id);
    mortal.delete(entity);
    const name = nameOf(entity.account, entity.clientToken);
    if (names.get(name) === id) names.delete(name);
    count(entity, -1);
    return true;
  };
  return {
    drop,
    put(entity: Entity): void {
      drop(entity.id);
      entities.set(entity.id, entity);
      names.set(nameOf(entity.account, entity.clientToken), entity.id);
      if (entity.vanishesAt !== undefined) mortal.add(entity);
      count(entity, 1);
    },
    /** Things whose time has come give back what they used; returns their ids. Before every read. */
    sweep(now: number): string[] {
      const over = [...mortal].filter(({ vanishesAt }) => (vanishesAt ?? Infinity) <= now).map(({ id }) => id);
      over.forEach(drop);
      return over;
    },
    has: (id: string): boolean => entities.has(id),
    get: (id: string): Entity | undefined => entities.get(id),
    named: (account: string, clientToken: string): Entity | undefined => entities.get(names.get(nameOf(account, clientToken)) ?? ''),
    all: (): Entity[] => [...entities.values()],
    used: (account: string): Amount => use.get(account) ?? NOTHING,
  };
}

export type EntityIndex<Entity extends FakeLife> = ReturnType<typeof createEntityIndex<Entity>>;

function times(amount: Amount, sign: 1 | -1): Amount {
  return Object.fromEntries(Object.entries(amount).map(([key, value]) => [key, sign * (value as number)])) as unknown as Amount;
}
