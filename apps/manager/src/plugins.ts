import { everybodyAdmission } from '@fogbow/admission-everybody';
import { whiteListAdmission } from '@fogbow/admission-white-list';
import { allowAllPolicy } from '@fogbow/authorization-allow-all';
import { domainListPolicy } from '@fogbow/authorization-domain-list';
import { userListPolicy } from '@fogbow/authorization-user-list';
import { vanillaBenchmark } from '@fogbow/benchmarking-vanilla';
import { globalFairness, pairwiseFairness, twoFoldFairness } from '@fogbow/capacity-fairness';
import { satisfactionController } from '@fogbow/capacity-satisfaction';
import { containersCloud } from '@fogbow/cloud-containers';
import { fakeCloud } from '@fogbow/cloud-fake';
import { localCloud } from '@fogbow/cloud-local';
import { staticIdentity } from '@fogbow/identity-static';
import { networkOfFavoursPicker } from '@fogbow/picker-network-of-favours';
import { roundRobinPicker } from '@fogbow/picker-round-robin';
import { firstComePrioritization } from '@fogbow/prioritization-first-come';
import { networkOfFavoursPrioritization } from '@fogbow/prioritization-network-of-favours';
import { remoteFirstOutPrioritization } from '@fogbow/prioritization-remote-first-out';
import { FogbowError } from '@fogbow/plugin-contracts';
import type {
  AuthorizationPolicy, Benchmark, CapacityController, CloudPlugin, IdentityProvider, MemberAdmission, MemberPicker, PluginHost, PluginModule, PrioritizationPolicy, SettingValues,
} from '@fogbow/plugin-contracts';
import { loadPluginSettings } from '@fogbow/service-runtime';

const PRIORITIZATION = [firstComePrioritization, remoteFirstOutPrioritization, networkOfFavoursPrioritization] as const;

/** The plugins that ship with Fogbow, by family. A family's setting is `<family>.plugin` with `<family>.settings`. */
const FAMILIES = {
  cloud: [fakeCloud, localCloud, containersCloud],
  identity: [staticIdentity],
  authorization: [allowAllPolicy, userListPolicy, domainListPolicy],
  admission: [everybodyAdmission, whiteListAdmission],
  picker: [roundRobinPicker, networkOfFavoursPicker],
  'prioritization.local': PRIORITIZATION,
  'prioritization.remote': PRIORITIZATION,
  capacity: [satisfactionController, globalFairness, pairwiseFairness, twoFoldFairness],
  benchmarking: [vanillaBenchmark],
} as const;

interface Plugins {
  readonly cloud: CloudPlugin;
  readonly identity: IdentityProvider;
  readonly authorization: AuthorizationPolicy;
  readonly admission: MemberAdmission;
  readonly picker: MemberPicker;
  readonly 'prioritization.local': PrioritizationPolicy;
  readonly 'prioritization.remote': PrioritizationPolicy;
  readonly capacity: CapacityController;
  readonly benchmarking: Benchmark;
}
export type Family = keyof Plugins;

/** What is wrong with the choice and the settings of all plugins. */
export function pluginFaults(values: SettingValues): string[] {
  return (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    const module = find(family, values);
    if (!module) return [`${family}.plugin ${String(values[`${family}.plugin`])} is not known; there are ${FAMILIES[family].map((one) => one.name).join(', ')}.`];
    const loaded = settingsOf(family, module, values);
    if (loaded.faults.length > 0) return [...loaded.faults];
    return (module.check?.(loaded.values) ?? []).map((fault) => `${family}.settings: ${fault}`);
  });
}

/** The configured plugin of a family. */
export function createPlugin<F extends Family>(family: F, values: SettingValues, host: PluginHost): Plugins[F] {
  const module = find(family, values);
  if (!module) throw new FogbowError('internal', `The plugin of ${family} was not checked.`);
  return module.create(settingsOf(family, module, values).values, host) as Plugins[F];
}

function find(family: Family, values: SettingValues): PluginModule<unknown> | undefined {
  return (FAMILIES[family] as readonly PluginModule<unknown>[]).find((module) => module.name === values[`${family}.plugin`]);
}

function settingsOf(family: Family, module: PluginModule<unknown>, values: SettingValues): ReturnType<typeof loadPluginSettings> {
  return loadPluginSettings(module.settings, values[`${family}.settings`] as Record<string, unknown>, `${family}.settings`);
}
