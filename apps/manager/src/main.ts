import { runService } from '@fogbow/service-runtime';
import { composeManager } from './compose.js';
import { configurationFaults } from './check-configuration.js';
import { SETTINGS } from './settings.js';

void runService({ name: 'manager', settings: SETTINGS, check: configurationFaults, compose: composeManager });
