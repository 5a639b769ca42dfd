import { runService } from '@fogbow/service-runtime';
import { startTunnel } from './compose.js';
import { settingsFaults } from './read-settings.js';
import { TUNNEL_SETTINGS } from './settings.js';
import { WORKER_VARIABLE } from './workers/child-worker.js';
import { runWorker } from './workers/run-worker.js';

void runService({
  name: 'reverse-tunnel',
  settings: TUNNEL_SETTINGS,
  check: settingsFaults,
  compose: async (context) => { await (context.env[WORKER_VARIABLE] === undefined ? startTunnel(context) : runWorker(context)); },
});
