import { prioritizationPolicySuite } from '@fogbow/plugin-conformance';
import { NO_FAVOURS } from '@fogbow/request-model';
import { firstComePrioritization } from './first-come-prioritization.js';

const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const policy = firstComePrioritization.create({}, host);

prioritizationPolicySuite('prioritization-first-come', () => policy);

it('takes from nobody', () => {
  const holder = { id: 'one', requester: 'b.example', since: new Date(0) };
  expect(policy.takeFrom({ id: 'two', requester: 'a.example' }, [holder], { self: 'a.example', favoursOf: () => NO_FAVOURS }).victim).toBeUndefined();
});
