import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { ERROR_CATALOGUE, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode, PluginHost, PluginModule } from '@fogbow/plugin-contracts';

/** The version of the contracts that packages are written against: that of the pages in docs/contracts. */
export const CONTRACT = 1;

/** What a package lends itself to: one plugin, exported as `fogbowPlugin` (docs/plugins.md). */
interface InstalledPlugin extends PluginModule<unknown> {
  readonly contract: number;
  readonly family: string;
}

/** An operator's folder with packages beside those that ship with Fogbow. */
export interface PluginFolder {
  /** The plugin of a package, or in one sentence why it is none; undefined where the folder has no such package. */
  find(packageName: string, family: string): PluginModule<unknown> | string | undefined;
}

export function openPluginFolder(folder: string | undefined): PluginFolder {
  return {
    find(packageName, family) {
      if (folder === undefined || !existsSync(join(folder, 'node_modules', packageName, 'package.json'))) return undefined;
      try {
        const exported = createRequire(join(resolve(folder), 'package.json'))(packageName) as { readonly fogbowPlugin?: Partial<InstalledPlugin> };
        return faultOf(exported.fogbowPlugin, family) ?? withFaults(exported.fogbowPlugin as InstalledPlugin);
      } catch (error) {
        return `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}

function faultOf(plugin: Partial<InstalledPlugin> | undefined, family: string): string | undefined {
  if (typeof plugin !== 'object' || plugin === null) return 'does not export fogbowPlugin.';
  if (plugin.contract !== CONTRACT) return `is written for version ${String(plugin.contract)} of the contracts; this Fogbow has version ${CONTRACT}.`;
  if (plugin.family !== family) return `is a plugin for ${String(plugin.family)}, not for ${family}.`;
  if (typeof plugin.name !== 'string' || typeof plugin.settings !== 'object' || plugin.settings === null || typeof plugin.create !== 'function') return 'lacks one of name, settings and create.';
  return undefined;
}

/** Packages have no copy of our errors: the host makes them. */
interface InstalledHost extends PluginHost {
  error(code: string, message: string): Error;
}

const error = (code: string, message: string): Error => (Object.hasOwn(ERROR_CATALOGUE, code) ? new FogbowError(code as ErrorCode, message) : new FogbowError('internal', `${code} is no code of the catalogue: ${message}`));

const withFaults = (plugin: InstalledPlugin): PluginModule<unknown> => ({
  name: plugin.name, settings: plugin.settings,
  ...(typeof plugin.check === 'function' ? { check: (settings) => plugin.check?.(settings) ?? [] } : {}),
  create: (settings, host) => plugin.create(settings, { ...host, error } satisfies InstalledHost as PluginHost),
});
