import { capacityControllerSuite } from '@fogbow/plugin-conformance';
import { satisfactionController } from './satisfaction-controller.js';

const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };

capacityControllerSuite('capacity-satisfaction', () => satisfactionController.create({}, host));
