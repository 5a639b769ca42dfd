export { sshBenchmark } from './ssh-benchmark.js';
