import { NOW } from '../testing/make-order.js';
import { nextLook } from './next-look.js';

const booting = (...ages: number[]): { stateSince: Date }[] => ages.map((age) => ({ stateSince: new Date(NOW.getTime() - age) }));

test.each([
  ['nothing boots', [], undefined],
  ['just begun', [0], 500],
  ['ten seconds', [10_000], 5000],
  ['the youngest counts', [600_000, 4000], 2000],
  ['an hour', [3_600_000], 30_000],
])('%s', (_name, ages, inMs) => expect(nextLook(booting(...ages), NOW)).toBe(inMs));
