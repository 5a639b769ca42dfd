import { runService } from '@fogbow/service-runtime';
import { compose } from './compose.js';
import { addressFaults, SETTINGS } from './config.js';

void runService({
  name: 'rendezvous',
  settings: SETTINGS,
  check: addressFaults,
  compose: async (context) => void await compose(context),
});
