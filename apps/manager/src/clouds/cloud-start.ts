import type { CloudPlugin, PluginLog } from '@fogbow/plugin-contracts';
import { FogbowError } from '@fogbow/plugin-contracts';

/**
 * Starts a cloud among others. One that cannot start keeps nobody waiting: every call to it tries again, and is cloud-unavailable until
 * it succeeds.
 */
export function createCloudStart({ name, plugin, signal, log }: { readonly name: string; readonly plugin: Pick<CloudPlugin, 'start'>; readonly signal: AbortSignal; readonly log: PluginLog }): () => Promise<void> {
  let started: Promise<void> | undefined;
  let told: string | undefined;
  return () => (started ??= plugin.start(signal).catch((cause: unknown) => {
    started = undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (reason !== told) log.warn('a cloud does not start; it is tried again when it is needed', { cloud: name, reason });
    told = reason;
    throw new FogbowError('cloud-unavailable', `the cloud ${name} does not start: ${reason}`, { cause });
  }));
}
