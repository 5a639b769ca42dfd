import type { AuthorizationPolicy, PluginModule } from '@fogbow/plugin-contracts';

/** Whoever proved who they are may do everything with what is theirs (spec §2.5). */
export const allowAllPolicy: PluginModule<AuthorizationPolicy> = {
  name: 'authorization-allow-all',
  settings: {},
  create: () => ({ decide: () => Promise.resolve({ allowed: true }) }),
};
