import type { MemberAdmission, PluginModule } from '@fogbow/plugin-contracts';

/** Whoever is in the federation is served and asked (spec §2.5). */
export const everybodyAdmission: PluginModule<MemberAdmission> = {
  name: 'admission-everybody',
  settings: {},
  create: () => ({ mayBeServed: () => Promise.resolve({ allowed: true }), mayBeAsked: () => Promise.resolve({ allowed: true }) }),
};
