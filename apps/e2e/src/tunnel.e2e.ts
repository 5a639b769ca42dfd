/**
 * A real tunnel with two workers: OpenSSH, Dropbear and ssh2 as machines, with secrets and keys, over each cipher; sessions over several processes; limits of grants; the
 * audit, the metrics, an upgrade under live sessions. Exit status 0 only when every step holds. Options: --only TEXT, --port-base N (default 23000; 410 ports are used).
 */
import { parseArgs } from 'node:util';
import { runTunnelStory } from './tunnel/tell-tunnel-story.js';
import { limitsOfGrants, manyProcesses, operation, waysIn } from './tunnel/ways-in.js';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, 'port-base': { type: 'string', default: '23000' } } });
runTunnelStory({
  only: values.only, portBase: Number(values['port-base']), chapters: (world) => [waysIn, manyProcesses, limitsOfGrants, operation].map((chapter) => chapter(world)),
  settings: { 'limits.penalties': false },
});
