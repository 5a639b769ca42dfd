import { componentFaults } from './config.js';

it.each<[string, Record<string, unknown>, number]>([
  ['good', { 'manager.a.test': 'x' }, 0],
  ['empty', {}, 1],
  ['a wrong address', { 'a b': 'x' }, 1],
  ['no secret', { 'a.test': '' }, 1],
  ['a secret that is no text', { 'a.test': 7 }, 1],
])('components: %s', (_what, components, faults) => expect(componentFaults({ components })).toHaveLength(faults));
