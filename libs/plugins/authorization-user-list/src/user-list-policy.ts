import type { AuthorizationPolicy, PluginModule } from '@fogbow/plugin-contracts';

/** Only the users of a list, by their ids (spec §2.5, UserWhiteList). */
export const userListPolicy: PluginModule<AuthorizationPolicy> = {
  name: 'authorization-user-list',
  settings: { users: { type: 'list', meaning: 'Ids of the users who may do everything with what is theirs; nobody else may do anything.' } },
  create: (settings) => createUserListPolicy((settings['users'] as readonly unknown[]).map(String)),
};

export function createUserListPolicy(users: readonly string[]): AuthorizationPolicy {
  const known = new Set(users);
  return {
    decide: ({ id }) => Promise.resolve(known.has(id) ? { allowed: true } : { allowed: false, reason: 'You are not on the list of users of this member; ask its operator.' }),
  };
}
