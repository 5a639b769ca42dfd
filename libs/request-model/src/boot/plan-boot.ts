import type { UserDataPart } from '../order.js';
import { parseCloudConfig } from './cloud-config.js';
import type { CloudConfig, Command, ConfigFile } from './cloud-config.js';

export type BootStep =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'file'; readonly file: ConfigFile }
  | { readonly kind: 'script'; readonly name: string; readonly content: string }
  | { readonly kind: 'command'; readonly command: Command };

export interface BootPlan {
  /** Public key lines by user name. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly steps: readonly BootStep[];
}

/**
 * What a boot does with its user data where there is no cloud-init, in cloud-init's order: boothooks, files and boot commands, then scripts,
 * then run commands. Whether it is done at each boot or at the first alone is for the cloud to say.
 */
export function planBoot(parts: readonly UserDataPart[], defaultUser: string): BootPlan {
  const notes: BootStep[] = [];
  const configs = parts.filter(({ contentType }) => contentType === 'text/cloud-config').flatMap(({ content }) => readConfig(content, notes));
  for (const { contentType } of parts.filter((part) => !KNOWN_TYPES.includes(part.contentType))) notes.push(note(`A part of type ${contentType} is not understood here and passed over.`));
  const commands = (list: (config: CloudConfig) => readonly Command[]): BootStep[] =>
    configs.flatMap(list).map((command) => ({ kind: 'command', command }));
  return {
    keys: mergeKeys(configs, defaultUser),
    steps: [
      ...notes,
      ...scripts(parts, 'text/cloud-boothook'),
      ...configs.flatMap(({ files }) => files).map((file): BootStep => ({ kind: 'file', file })),
      ...commands(({ bootCommands }) => bootCommands),
      ...scripts(parts, 'text/x-shellscript'),
      ...commands(({ runCommands }) => runCommands),
    ],
  };
}

const KNOWN_TYPES = ['text/cloud-config', 'text/cloud-boothook', 'text/x-shellscript'];

const note = (text: string): BootStep => ({ kind: 'note', text });

function scripts(parts: readonly UserDataPart[], type: string): BootStep[] {
  return parts.flatMap(({ contentType, content }, index): BootStep[] =>
    (contentType === type ? [{ kind: 'script', name: `part-${String(index + 1).padStart(3, '0')}`, content }] : []));
}

function readConfig(content: string, notes: BootStep[]): CloudConfig[] {
  try {
    const config = parseCloudConfig(content);
    if (config.ignored.length > 0) notes.push(note(`Of the cloud-config these are passed over: ${config.ignored.join(', ')}.`));
    return [config];
  } catch (error) {
    notes.push(note(`A cloud-config cannot be read: ${(error as Error).message}`));
    return [];
  }
}

function mergeKeys(configs: readonly CloudConfig[], defaultUser: string): Map<string, readonly string[]> {
  const merged = new Map<string, readonly string[]>();
  for (const [name, keys] of configs.flatMap((config) => [...config.keys])) {
    const user = name === '' ? defaultUser : name;
    merged.set(user, [...(merged.get(user) ?? []), ...keys]);
  }
  return merged;
}
