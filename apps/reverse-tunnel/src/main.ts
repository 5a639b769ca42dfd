import { runService } from '@fogbow/service-runtime';
import { startTunnel } from './compose.js';
import { settingsFaults } from './read-settings.js';
import { TUNNEL_SETTINGS } from './settings.js';

void runService({
  name: 'reverse-tunnel',
  settings: TUNNEL_SETTINGS,
  check: settingsFaults,
  compose: async (context) => void await startTunnel(context),
});
