import { allowAllPolicy } from '@fogbow/authorization-allow-all';
import { fakeCloud } from '@fogbow/cloud-fake';
import { localCloud } from '@fogbow/cloud-local';
import { staticIdentity } from '@fogbow/identity-static';
import { roundRobinPicker } from '@fogbow/picker-round-robin';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { AuthorizationPolicy, CloudPlugin, IdentityProvider, MemberPicker, PluginHost, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { loadPluginSettings } from '@fogbow/service-runtime';

/** The plugins that ship with Fogbow, by family. A family's setting is `<family>.plugin` with `<family>.settings`. */
const FAMILIES = {
  cloud: [fakeCloud, localCloud],
  identity: [staticIdentity],
  authorization: [allowAllPolicy],
  picker: [roundRobinPicker],
} as const;

interface Plugins {
  readonly cloud: CloudPlugin;
  readonly identity: IdentityProvider;
  readonly authorization: AuthorizationPolicy;
  readonly picker: MemberPicker;
}
export type Family = keyof Plugins;

/** What is wrong with the choice and the settings of all plugins. */
export function pluginFaults(values: SettingValues): string[] {
  return (Object.keys(FAMILIES) as Family[]).flatMap((family) => {
    const module = find(family, values);
    if (!module) return [`${family}.plugin ${String(values[`${family}.plugin`])} is not known; there are ${FAMILIES[family].map((one) => one.name).join(', ')}.`];
    return [...settingsOf(family, module, values).faults];
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
