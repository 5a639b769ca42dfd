'use strict';
// A whole cloud plugin, as small as one can be: docs/contracts/compute-cloud.md says what each call must do (C1 to C7).
// Its machines are entries in memory; they boot nothing and are gone when the Manager ends.

const SIZE_OF_NOTHING = { instances: 0, vcpu: 0, ramMb: 0 };

function createShelf({ places }, host) {
  /** By id. */
  const machines = new Map();
  let made = 0;

  const checked = ({ token, signal }) => {
    if (token.value !== 'shelf') throw host.error('cloud-unauthorized', 'The shelf does not know this token.');
    if (signal.aborted) throw host.error('cloud-unavailable', 'The call was given up.');
  };
  const byToken = (clientToken) => [...machines.values()].find((machine) => machine.clientToken === clientToken);
  const usage = () => [...machines.values()].reduce((sum, { size }) => ({ instances: sum.instances + 1, vcpu: sum.vcpu + size.vcpu, ramMb: sum.ramMb + size.ramMb }), SIZE_OF_NOTHING);

  return {
    identity: { issue: async () => ({ value: 'shelf' }) },
    compute: {
      capabilities: { bootsUserData: false, atomicCreate: true },
      async create({ clientToken, size, networkIds = [] }, call) {
        checked(call);
        // C1: asked again, it is the machine that is there.
        const known = byToken(clientToken);
        if (known) return known;
        if (networkIds.length > 0) throw host.error('not-found', 'The shelf has no networks.');
        if (machines.size >= places) throw host.error('quota-exceeded', `All ${places} places of the shelf are taken.`);
        const machine = { id: `shelf-${(made += 1)}`, clientToken, size, state: 'active', createdAt: host.now() };
        machines.set(machine.id, machine);
        host.log.info('a machine was put on the shelf', { id: machine.id });
        return machine;
      },
      async find(clientToken, call) {
        checked(call);
        return byToken(clientToken);
      },
      async describe(id, call) {
        checked(call);
        return machines.get(id);
      },
      async list(call) {
        checked(call);
        return [...machines.values()];
      },
      async remove(id, call) {
        checked(call);
        machines.delete(id);
      },
      async quota(call) {
        checked(call);
        return { limit: { instances: places, vcpu: Infinity, ramMb: Infinity }, used: usage() };
      },
    },
    start: async () => undefined,
    stop: async () => undefined,
  };
}

exports.fogbowPlugin = {
  contract: 1,
  family: 'cloud',
  name: 'fogbow-cloud-shelf',
  settings: { places: { type: 'integer', default: 4, min: 1, meaning: 'How many machines find place on the shelf.' } },
  check: ({ places }) => (places > 1000 ? ['places: no shelf is that long.'] : []),
  create: createShelf,
};
