import { EventEmitter, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEndings, playStory } from './run-story.js';
import type { StoryRun } from './run-story.js';

const HELD = { held: 2, failed: 0, skipped: 0 };

function play<World>(story: StoryRun<World>) {
  const [lines, signals]: [string[], EventEmitter] = [[], new EventEmitter()];
  const status = playStory(story, { say: (line) => void lines.push(line.replace(/\d+\.\d s/, 'T')), once: (signal, heard) => signals.once(signal, heard) });
  return { lines, signals, status };
}

/** Notes its ends in the order in which they came. */
const story = (ended: string[], tell: StoryRun<string>['tell']): StoryRun<string> => ({
  open: (endings) => {
    for (const name of ['first', 'second']) endings.push(() => void ended.push(name));
    return Promise.resolve('world');
  },
  tell,
});

test.each([
  [HELD, 0, '\n2 steps held, 0 failed; T'], [{ ...HELD, note: 'seed 7' }, 0, '\n2 steps held, 0 failed; seed 7; T'], [{ held: 1, failed: 1, skipped: 3 }, 1, '\n1 steps held, 1 failed, 3 were not tried; T'],
  [{ held: 0, failed: 0, skipped: 0 }, 1, '\n0 steps held, 0 failed; T'], [true, 0, undefined], [false, 1, undefined],
] as const)('told %j it ends with %i, and the last thing is ended first', async (told, status, line) => {
  const ended: string[] = [];
  const played = play(story(ended, (world) => Promise.resolve(world === 'world' && told)));
  expect(await played.status).toBe(status);
  expect(played.lines).toEqual(line === undefined ? [] : [line]);
  expect(ended).toEqual(['second', 'first']);
});

test('what cannot be told is not begun', async () => {
  const { status, lines } = play({ skip: () => 'there is no engine.', open: () => Promise.reject(new Error('begun')), tell: () => Promise.resolve(true) });
  expect(await status).toBe(77);
  expect(lines).toEqual(['Skipped: there is no engine.']);
});

test('a story that breaks is ended too', async () => {
  const ended: string[] = [];
  await expect(play(story(ended, () => Promise.reject(new Error('broken')))).status).rejects.toThrow('broken');
  expect(ended).toEqual(['second', 'first']);
});

test('after a signal what was still being started is ended as well', async () => {
  const [ended, steps]: [string[], EventEmitter] = [[], new EventEmitter()];
  const { status, signals, lines } = play({
    async open(endings) {
      endings.push(() => { ended.push('early'); steps.emit('go on'); });
      const goOn = once(steps, 'go on');
      steps.emit('half');
      await goOn;
      await new Promise((resolve) => { setImmediate(resolve); });
      endings.push(async () => { await new Promise((resolve) => { setImmediate(resolve); }); ended.push('late'); });
    },
    tell: () => new Promise(() => undefined),
  });
  await once(steps, 'half');
  signals.emit('SIGTERM');
  expect(await status).toBe(130);
  expect(lines).toEqual(['\nInterrupted: all that was started is ended now.']);
  expect(ended).toEqual(['early', 'late']);
});

test('an end that fails is told, keeps no other from its own, and the story has not held', async () => {
  const ended: string[] = [];
  const { status, lines } = play({
    open: (endings) => {
      endings.push(() => void ended.push('first'));
      endings.push(() => Promise.reject(new Error('busy')));
      endings.push(() => { throw new Error('gone'); });
      return Promise.resolve();
    },
    tell: () => Promise.resolve(true),
  });
  expect(await status).toBe(1);
  expect(lines).toEqual(['Not removed: gone', 'Not removed: busy']);
  expect(ended).toEqual(['first']);
});

test('the end is one, however often it is asked for', async () => {
  const ended: string[] = [];
  const { endings, end } = createEndings(() => undefined);
  endings.push(() => void ended.push('once'));
  await Promise.all([end(), end()]);
  endings.push(() => void ended.push('late'));
  await end();
  expect(ended).toEqual(['once', 'late']);
});

test('every story ends by it, but the soak, which concludes, and those of OpenStack and of conformance', () => {
  const stories = readdirSync(__dirname).filter((name) => name.endsWith('.e2e.ts') && !/^(soak|openstack|conformance)\./.test(name));
  expect(stories.length).toBeGreaterThan(20);
  expect(stories.filter((name) => !/^\s*run(Story|OnHosts|TunnelStory)\(/m.test(readFileSync(join(__dirname, name), 'utf8')))).toEqual([]);
});
