import { everybodyAdmission } from '@fogbow/admission-everybody';
import { whiteListAdmission } from '@fogbow/admission-white-list';
import { allowAllPolicy } from '@fogbow/authorization-allow-all';
import { domainListPolicy } from '@fogbow/authorization-domain-list';
import { userListPolicy } from '@fogbow/authorization-user-list';
import { sshBenchmark } from '@fogbow/benchmarking-ssh';
import { vanillaBenchmark } from '@fogbow/benchmarking-vanilla';
import { globalFairness, pairwiseFairness, twoFoldFairness } from '@fogbow/capacity-fairness';
import { satisfactionController } from '@fogbow/capacity-satisfaction';
import { containersCloud } from '@fogbow/cloud-containers';
import { fakeCloud } from '@fogbow/cloud-fake';
import { hostsCloud } from '@fogbow/cloud-hosts';
import { localCloud } from '@fogbow/cloud-local';
import { occiCloud } from '@fogbow/cloud-occi';
import { openstackCloud } from '@fogbow/cloud-openstack';
import { staticIdentity } from '@fogbow/identity-static';
import { noCloud } from '@fogbow/no-cloud';
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
import { openPluginFolder } from './installed-plugins.js';

const PRIORITIZATION = [firstComePrioritization, remoteFirstOutPrioritization, networkOfFavoursPrioritization] as const;

/** The plugins that ship with Fogbow, by family. A family's setting is `<family>.plugin` with `<family>.settings`. */
const FAMILIES = {
  cloud: [fakeCloud, localCloud, containersCloud, hostsCloud, openstackCloud, occiCloud, noCloud],
  identity: [staticIdentity],
  authorization: [allowAllPolicy, userListPolicy, domainListPolicy],
  admission: [everybodyAdmission, whiteListAdmission],
  picker: [roundRobinPicker, networkOfFavoursPicker],
  'prioritization.local': PRIORITIZATION,
  'prioritization.remote': PRIORITIZATION,
  capacity: [satisfactionController, globalFairness, pairwiseFairness, twoFoldFairness],
  benchmarking: [vanillaBenchmark, sshBenchmark],
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
  return (Object.keys(FAMILIES) as Family[]).flatMap((family) => familyFaults(family, values));
}

/** The same of one family. */
export function familyFaults(family: Family, values: SettingValues): string[] {
  const module = find(family, values);
  if (!module) return [`${family}.plugin ${String(values[`${family}.plugin`])} is not known; there are ${FAMILIES[family].map((one) => one.name).join(', ')}${others(values)}.`];
  if (typeof module === 'string') return [`${family}.plugin: the package ${String(values[`${family}.plugin`])} ${module}`];
  const loaded = settingsOf(family, module, values);
  if (loaded.faults.length > 0) return [...loaded.faults];
  return (module.check?.(loaded.values) ?? []).map((fault) => `${family}.settings: ${fault}`);
}

/** The configured plugin of a family. */
export function createPlugin<F extends Family>(family: F, values: SettingValues, host: PluginHost): Plugins[F] {
  const module = find(family, values);
  if (!module || typeof module === 'string') throw new FogbowError('internal', `The plugin of ${family} was not checked.`);
  return module.create(settingsOf(family, module, values).values, host) as Plugins[F];
}

/** Those that ship with Fogbow first; then a package of the operator's, or why it is none. */
function find(family: Family, values: SettingValues): PluginModule<unknown> | string | undefined {
  const wanted = String(values[`${family}.plugin`]);
  const shipped = (FAMILIES[family] as readonly PluginModule<unknown>[]).find((module) => module.name === wanted);
  return shipped ?? openPluginFolder(folderOf(values)).find(wanted, family.split('.')[0] ?? family);
}

const folderOf = (values: SettingValues): string | undefined => values['plugins.folder'] as string | undefined;
const others = (values: SettingValues): string => (folderOf(values) === undefined ? '' : `, and no package of that name in ${String(folderOf(values))}/node_modules`);

function settingsOf(family: Family, module: PluginModule<unknown>, values: SettingValues): ReturnType<typeof loadPluginSettings> {
  return loadPluginSettings(module.settings, values[`${family}.settings`] as Record<string, unknown>, `${family}.settings`);
}
