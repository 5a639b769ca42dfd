import { componentFaults } from './config.js';

it.each<[string, Record<string, unknown>, number]>([
  ['good', { 'manager.a.test': 'x' }, 0],
  ['empty', {}, 1],
  ['a wrong address', { 'a b': 'x' }, 1],
  ['no secret', { 'a.test': '' }, 1],
  ['a secret that is no text', { 'a.test': 7 }, 1],
  ['a component that is called like a client', { 'm.at--a.test': 'x' }, 1],
])('components: %s', (_what, components, faults) => expect(componentFaults({ components })).toHaveLength(faults));

it.each<[string, Record<string, unknown>, number]>([
  ['good', { clients: { 'm@a.test': 'x' }, 'websocket.port': 0 }, 0],
  ['no port', { clients: { 'm@a.test': 'x' } }, 1],
  ['no account', { clients: { 'a.test': 'x', 'm@a.test/r': 'x', 'm_m@a.test': 'x' }, 'websocket.port': 0 }, 3],
  ['no password', { clients: { 'm@a.test': '' }, 'websocket.port': 0 }, 1],
  ['inside of a component', { components: { 'a.test': 'x' }, clients: { 'm@a.test': 'x' }, 'websocket.port': 0 }, 1],
])('clients: %s', (_what, values, faults) => expect(componentFaults({ components: {}, ...values })).toHaveLength(faults));
