import { pluginFaults } from './plugins.js';

const CHOSEN = {
  'cloud.plugin': 'cloud-fake', 'identity.plugin': 'identity-static', 'identity.settings': { usersFile: '/users' }, 'authorization.plugin': 'authorization-allow-all',
  'admission.plugin': 'admission-everybody', 'picker.plugin': 'picker-round-robin', 'prioritization.local.plugin': 'prioritization-first-come',
  'prioritization.remote.plugin': 'prioritization-first-come', 'capacity.plugin': 'capacity-satisfaction', 'benchmarking.plugin': 'benchmarking-vanilla',
};
const settings = Object.fromEntries(Object.keys(CHOSEN).filter((name) => name.endsWith('.plugin')).map((name) => [name.replace(/plugin$/, 'settings'), {}]));
const faultsWith = (changes: Record<string, unknown>): string[] => pluginFaults({ ...settings, ...CHOSEN, ...changes });

describe('the choice of plugins', () => {
  test.each([
    [{}, []],
    [{ 'capacity.plugin': 'capacity-unfair' }, ['capacity.plugin capacity-unfair is not known; there are capacity-satisfaction, capacity-global-fairness']],
    [{ 'prioritization.local.plugin': 'prioritization-network-of-favours', 'prioritization.local.settings': { trustworthy: 'perhaps' } }, ['prioritization.local.settings.trustworthy must be true or false']],
    [{ 'capacity.plugin': 'capacity-two-fold-fairness', 'capacity.settings': { minimumThreshold: 1 } }, ['capacity.settings: minimumThreshold must not be above maximumThreshold.']],
    [{ 'capacity.plugin': 'capacity-global-fairness', 'capacity.settings': { delta: -1, minimumThreshold: 2 } }, ['capacity.settings.delta must be at least 0.']],
    [{ 'admission.plugin': 'admission-white-list' }, ['admission.settings: Give both lists']],
    [{ 'authorization.plugin': 'authorization-user-list' }, ['authorization.settings.users is missing']],
  ])('%j has the faults %j', (changes, faults) => {
    expect(faultsWith(changes)).toEqual(faults.map((fault) => expect.stringContaining(fault) as unknown));
  });
});
