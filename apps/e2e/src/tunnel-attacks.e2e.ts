/**
 * What a hostile machine or a stranger tries against a real tunnel with two workers, each refused and counted by its reason in the metrics: ports of others, the
 * inside of the network, shells, agents, forged names and ids, revoked and replayed secrets, noise, silence, guessing, crowds. Exit status 0 only when
 * every step holds. Options: --only TEXT, --port-base N (default 23500; 50 ports are used).
 */
import { parseArgs } from 'node:util';
import { attacks } from './tunnel/attacks.js';
import { runTunnelStory } from './tunnel/tell-tunnel-story.js';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, 'port-base': { type: 'string', default: '23500' } } });
runTunnelStory({
  only: values.only, portBase: Number(values['port-base']), ports: 40, chapters: attacks,
  // 127.0.0.1 stands for the network of the machines; strangers have other addresses.
  settings: { 'limits.loginGrace': '2s', 'limits.unauthenticatedPerAddress': 50, 'limits.penaltyExempt': ['127.0.0.1'] },
});
