import { authorizationPolicySuite } from '@fogbow/plugin-conformance';
import { allowAllPolicy } from './allow-all-policy.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };

authorizationPolicySuite('authorization-allow-all', () => ({
  policy: allowAllPolicy.create({}, host), allowed: [{ id: 'u1', name: 'Ann' }, { id: '', name: '' }], refused: [],
}));
