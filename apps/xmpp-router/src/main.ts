import { runService } from '@fogbow/service-runtime';
import { compose } from './compose.js';
import { componentFaults, SETTINGS } from './config.js';

void runService({ name: 'xmpp-router', settings: SETTINGS, check: componentFaults, compose });
