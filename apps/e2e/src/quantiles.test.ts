import { medianOf, quantileOf } from './quantiles.js';

test('medians and quantiles', () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([1, 2])).toBe(1.5);
  expect(quantileOf([1, 2, 3, 4, 5], 0.95)).toBeCloseTo(4.8);
  expect(medianOf([])).toBeNaN();
});
