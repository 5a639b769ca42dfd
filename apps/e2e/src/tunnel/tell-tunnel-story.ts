import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStory } from '../run-story.js';
import { tellStory } from '../story.js';
import type { Chapter } from '../story.js';
import { createTunnelWorld } from './tunnel-world.js';
import type { TunnelPlace, TunnelWorld } from './tunnel-world.js';

export interface TunnelStory extends TunnelPlace {
  readonly only: string;
  /** The longest that a step may take; default: five minutes. */
  readonly stepMs?: number;
  readonly chapters: (world: TunnelWorld) => readonly Chapter[];
}

/** A tunnel, its chapters, and nothing left of it: the main function of such a story. */
export function runTunnelStory({ only, chapters, stepMs = 300_000, ...options }: TunnelStory): void {
  runStory({
    async open(endings) {
      const folder = mkdtempSync(join(tmpdir(), 'fogbow-tunnel-'));
      endings.push(() => rmSync(folder, { recursive: true, force: true }));
      return await createTunnelWorld(folder, endings, options);
    },
    async tell(world) {
      const told = chapters(world).filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
      const end = await tellStory(told, () => Promise.resolve(), { stepMs });
      if (end.failed > 0) process.stdout.write(`The end of the tunnel's log:\n${readFileSync(join(world.folder, 'tunnel.log'), 'utf8').slice(-3000)}\n`);
      return end;
    },
  });
}
