export { vanillaBenchmark } from './vanilla-benchmark.js';
