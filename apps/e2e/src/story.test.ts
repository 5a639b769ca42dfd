import { NotTried, tellStory } from './story.js';
import type { Chapter, Step } from './story.js';

const holds = (name: string): Step => [name, () => Promise.resolve('noted')];
const fails = (name: string): Step => [name, () => Promise.reject(new Error('not so\nat all'))];

async function tell(chapters: readonly Chapter[], cleanSlate = (): Promise<void> => Promise.resolve()) {
  const lines: string[] = [];
  const end = await tellStory(chapters, cleanSlate, { say: (line) => void lines.push(line.replace(/\d+\.\d s/, 'T')) });
  return { end, lines };
}

test('tells a line for each step, and the note behind it', async () => {
  expect(await tell([{ name: 'One', steps: [holds('a'), holds('b')] }])).toEqual({
    end: { held: 2, failed: 0, skipped: 0 }, lines: ['\nOne', '  ✓ a (T): noted', '  ✓ b (T): noted'],
  });
});

test('a failure ends its chapter, not the story', async () => {
  expect(await tell([{ name: 'One', steps: [fails('a'), holds('b')] }, { name: 'Two', steps: [holds('c')] }])).toEqual({
    end: { held: 1, failed: 1, skipped: 1 },
    lines: ['\nOne', '  ✗ a (T)\n      not so\n      at all', '  · b: not tried', '\nTwo', '  ✓ c (T): noted'],
  });
});

test('a failure of an essential chapter ends the story', async () => {
  const { end } = await tell([{ name: 'One', isEssential: true, steps: [holds('a'), fails('b')] }, { name: 'Two', steps: [holds('c'), holds('d')] }]);
  expect(end).toEqual({ held: 1, failed: 1, skipped: 2 });
});

test('a slate that does not come clean ends the story and counts as a failure', async () => {
  const { end, lines } = await tell([{ name: 'One', steps: [holds('a')] }, { name: 'Two', steps: [holds('b')] }], () => Promise.reject(new Error('dirty')));
  expect(end).toEqual({ held: 1, failed: 1, skipped: 1 });
  expect(lines).toContain('  ✗ a clean slate (T)\n      dirty');
});

test('a step that never ends fails when its time is over', async () => {
  const { end, lines } = await tell([{ name: 'One', stepMs: 20, steps: [['a', () => new Promise(() => undefined)], holds('b')] }, { name: 'Two', steps: [holds('c')] }]);
  expect(end).toEqual({ held: 1, failed: 1, skipped: 1 });
  expect(lines).toContain('  ✗ a (T)\n      it was not over after 0.02 s');
});

test('a step that cannot be tried here is none that held, and ends nothing', async () => {
  expect(await tell([{ name: 'One', steps: [['a', () => Promise.reject(new NotTried('no such client'))], holds('b')] }])).toEqual({
    end: { held: 1, failed: 0, skipped: 1 }, lines: ['\nOne', '  · a: not tried: no such client', '  ✓ b (T): noted'],
  });
});
