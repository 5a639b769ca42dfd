import { SaxesParser } from 'saxes';
import { niceAbove, plotSoak } from './plot-soak.js';
import type { OrderRecord, Sample, SoakLog } from './soak-log.js';

const log: SoakLog = {
  start: { type: 'start', at: '', minutes: 120, rate: 20, about: {} },
  samples: Array.from({ length: 480 }, (_, index): Sample => ({
    type: 'sample', seconds: index * 15, connections: { fogbow_a: 3 }, rows: {}, redis: { usedKb: 1, keys: index % 7 }, queues: { 'a.placement': 1 }, machines: 1, logKb: 0, load: 2,
    processes: { 'manager <a>': { pid: 1, memoryKb: 100_000, ownKb: 1, handles: 30, family: 1 } },
  })),
  orders: Array.from({ length: 100 }, (_, index): OrderRecord => ({ type: 'order', seconds: index * 60, asked: 'a', look: 'none', fulfilledMs: 1000 + index, deletedMs: 2000, goneMs: 2500 })),
};

/** Names of the elements; throws where it is no XML. */
function elementsOf(svg: string): string[] {
  const names: string[] = [];
  const parser = new SaxesParser();
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', ({ name }) => void names.push(name));
  parser.write(svg).close();
  return names;
}

test('is well-formed, has every line, and stays small', () => {
  const svg = plotSoak(log);
  const elements = elementsOf(svg);
  expect(elements.filter((name) => name === 'polyline')).toHaveLength(12);
  expect(svg).toContain('manager &#60;a&#62;: 97.7');
  expect(svg.length).toBeLessThan(60_000);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});

test('a run that was stopped at once has a picture too', () => {
  const svg = plotSoak({ ...log, samples: log.samples.slice(0, 1), orders: [] });
  elementsOf(svg);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  elementsOf(plotSoak({ ...log, samples: [], orders: [] }));
});

test.each([[1, 1], [1.2, 1.5], [97.7, 100], [1001, 1500], [6, 6]])('the axis of %d ends at %d', (value, end) => {
  expect(niceAbove(value)).toBeCloseTo(end);
});
