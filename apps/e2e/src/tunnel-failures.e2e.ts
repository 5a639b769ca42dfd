/**
 * What breaks around a real tunnel with two workers, and that its machines and users get over it: the tunnel or a worker killed, Redis away, the range of ports full,
 * users and machines that never read, a client with 10,000 channels, wrong secrets without end. Exit status 0 only when every step holds. Options:
 * --only TEXT, --port-base N (default 23600; 410 ports are used), --machines N (default 200; each takes a port more), --redis-away SECONDS (default 60), --guess SECONDS (default 10).
 */
import { parseArgs } from 'node:util';
import { failures } from './tunnel/failures.js';
import { runTunnelStory } from './tunnel/tell-tunnel-story.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' }, 'port-base': { type: 'string', default: '23600' }, machines: { type: 'string', default: '200' }, 'redis-away': { type: 'string', default: '60' }, guess: { type: 'string', default: '10' },
  },
});
const sizes = { machines: Number(values.machines), redisAwayMs: Number(values['redis-away']) * 1000, guessSeconds: Number(values.guess) };
runTunnelStory({
  only: values.only, portBase: Number(values['port-base']), ports: sizes.machines + 200, chapters: (world) => failures(world, sizes),
  stepMs: sizes.redisAwayMs + sizes.guessSeconds * 1000 + 300_000,
  settings: { 'limits.penaltyExempt': ['127.0.0.1'] },
});
