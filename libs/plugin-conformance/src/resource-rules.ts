import type { CloudCall } from '@fogbow/plugin-contracts';
import { tokenOf } from './cloud-subject.js';
import type { CloudSubject } from './cloud-subject.js';
import { codeOf } from './conformance-rule.js';
import type { ConformanceRule } from './conformance-rule.js';

interface Thing { readonly id: string; readonly clientToken?: string }

/** The five calls that volumes, networks and attachments have in common, for things named by a word. */
export interface ResourceAccess {
  create(name: string, call?: CloudCall): Promise<Thing>;
  find(clientToken: string, call: CloudCall): Promise<Thing | undefined>;
  describe(id: string, call: CloudCall): Promise<Thing | undefined>;
  list(call: CloudCall): Promise<readonly Thing[]>;
  remove(id: string, call: CloudCall): Promise<void>;
}

export interface ResourceRuleIds<Id> { readonly repeat: Id; readonly find: Id; readonly describe: Id; readonly token: Id; readonly list: Id; readonly remove: Id }

/** What holds for everything that a cloud makes and removes: one per client token, known until it is removed, one owner. */
export function resourceRules<Id extends string>(ids: ResourceRuleIds<Id>, access: (subject: CloudSubject) => ResourceAccess): ConformanceRule<Id, CloudSubject>[] {
  const rule = (id: Id, says: string, check: (things: ResourceAccess, subject: CloudSubject) => Promise<void>): ConformanceRule<Id, CloudSubject> =>
    ({ id, says, check: (subject) => check(access(subject), subject) });
  return [
    rule(ids.repeat, 'a repeated create returns the first, an overlapping one too where atomicCreate is claimed', createsOnce),
    rule(ids.find, 'find knows it by its client token, until it is removed', async ({ find, create, remove }, { call }) => {
      expect(await find(tokenOf('one'), call)).toBeUndefined();
      const made = await create('one');
      expect((await find(tokenOf('one'), call))?.id).toBe(made.id);
      expect(await find(tokenOf('other'), call)).toBeUndefined();
      await remove(made.id, call);
      expect(await find(tokenOf('one'), call)).toBeUndefined();
    }),
    rule(ids.describe, 'describe answers undefined for what is gone, and only then', async ({ describe, create, remove }, { call }) => {
      const made = await create('one');
      expect(await describe(made.id, call)).toMatchObject({ id: made.id, clientToken: tokenOf('one') });
      await remove(made.id, call);
      expect(await describe(made.id, call)).toBeUndefined();
      expect(await describe('no-such-thing', call)).toBeUndefined();
    }),
    rule(ids.token, 'a call with a token that the cloud did not give is cloud-unauthorized', refusesStrangers),
    rule(ids.list, 'list shows each once', async ({ list, create }, { call }) => {
      expect(await list(call)).toEqual([]);
      const made = await Promise.all([create('one'), create('two')]);
      expect((await list(call)).map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
    }),
    rule(ids.remove, 'its removal may be repeated and takes unknown ids; the client token is free again', async ({ list, create, remove }, { call }) => {
      const made = await create('one');
      await Promise.all([remove(made.id, call), remove(made.id, call)]);
      await remove(made.id, call);
      await remove('no-such-thing', call);
      expect(await list(call)).toEqual([]);
      expect((await create('one')).id).not.toBe(made.id);
    }),
  ];
}

async function createsOnce({ create, list }: ResourceAccess, { call, plugin }: CloudSubject): Promise<void> {
  const first = await create('one');
  expect((await create('one')).id).toBe(first.id);
  if (plugin.compute.capabilities.atomicCreate) {
    const made = await Promise.all(Array.from({ length: 6 }, () => create('two')));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  }
  expect(await list(call)).toHaveLength(plugin.compute.capabilities.atomicCreate ? 2 : 1);
}

async function refusesStrangers({ create, find, describe, list, remove }: ResourceAccess, { call, stranger }: CloudSubject): Promise<void> {
  const made = await create('one');
  const calls = [describe(made.id, stranger), find(tokenOf('one'), stranger), list(stranger), create('one', stranger), remove(made.id, stranger)];
  expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'cloud-unauthorized'));
  expect(await list(call)).toHaveLength(1);
}
