import { runService } from '@fogbow/service-runtime';
import { compose } from './compose.js';
import { configurationFaults, SETTINGS } from './config.js';

void runService({
  name: 'rendezvous',
  settings: SETTINGS,
  check: configurationFaults,
  compose: async (context) => void await compose(context),
});
