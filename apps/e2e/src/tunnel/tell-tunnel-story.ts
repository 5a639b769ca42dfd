import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tellStory } from '../story.js';
import type { Chapter } from '../story.js';
import { createTunnelWorld } from './tunnel-world.js';
import type { TunnelWorld } from './tunnel-world.js';

export interface TunnelStory {
  readonly only: string;
  readonly portBase: number;
  readonly ports?: number;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly chapters: (world: TunnelWorld) => readonly Chapter[];
}

/** A tunnel, its chapters, and nothing left of it. Ends the process: 0 only when every step holds. */
export async function tellTunnelStory({ only, chapters, ...options }: TunnelStory): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-tunnel-'));
  const world = await createTunnelWorld(folder, options);
  const end = async (): Promise<void> => { await world.dispose(); rmSync(folder, { recursive: true, force: true }); };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  const told = chapters(world).filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
  const { held, failed, skipped } = await tellStory(told, () => Promise.resolve());
  process.stdout.write(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}\n`);
  if (failed > 0) process.stdout.write(`The end of the tunnel's log:\n${readFileSync(join(folder, 'tunnel.log'), 'utf8').slice(-3000)}\n`);
  await end();
  process.exit(failed === 0 ? 0 : 1);
}

export function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
