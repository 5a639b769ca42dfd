import { createNeutronLeftovers, leftoverTokens } from './neutron-leftovers.js';
import { createNeutronPorts } from './neutron-ports.js';
import { createOpenStackHttp } from './openstack-http.js';
import { stageOpenStack } from './staged-openstack.js';
import type { StagedOpenStack } from './staged-openstack.js';

const NOW = new Date('2026-01-01T12:00:00Z');
const [OLD, YOUNG] = ['2026-01-01T10:00:00Z', '2026-01-01T11:30:00Z'];
const made = (clientToken: string, isInUse: boolean, updatedAt: string | undefined) => ({ clientToken, isInUse, updatedAt });

it.each<[string, Parameters<typeof leftoverTokens>[0], string[]]>([
  ['of no use for long', [made('fogbow-a-1', false, OLD), made('fogbow-a-1', false, OLD)], ['fogbow-a-1']],
  ['in use', [made('fogbow-a-1', true, OLD), made('fogbow-a-1', false, OLD)], []],
  ['perhaps wanted by a create that is tried again', [made('fogbow-a-1', false, YOUNG), made('fogbow-a-1', false, OLD)], []],
  ['of unknown age', [made('fogbow-a-1', false, undefined)], []],
  ['of somebody else', [made('web', false, OLD), made('', false, OLD), made('fogbow- x', false, OLD)], []],
])('what is %s', (_what, all, tokens) => expect(leftoverTokens(all, NOW)).toEqual(tokens));

describe('on a stage', () => {
  let stage: StagedOpenStack;
  beforeEach(async () => { stage = await stageOpenStack(); });
  afterEach(() => stage.close());

  it('gives back what belongs to no machine, once in a while, and survives a Neutron that is away', async () => {
    let now = NOW.getTime();
    const clock = (): Date => new Date(now);
    const http = createOpenStackHttp({ authUrl: stage.authUrl, endpoints: { region: undefined, interface: 'public' }, timeoutMs: 5000, microversion: '2.53', now: clock });
    const told: string[] = [];
    const leftovers = createNeutronLeftovers({
      http, ports: createNeutronPorts(http), now: clock, hasMachine: (token) => Promise.resolve(token === 'fogbow-there-1'),
      log: { info: (_words, fields) => void told.push(String(fields?.['clientToken'])), warn: () => void told.push('away') },
    });
    const port = (id: string, name: string, device: string) => ({ id, name, device_id: device, updated_at: OLD });
    stage.on('GET /network/v2.0/ports', [200, { ports: [port('p1', 'fogbow-gone-1', ''), port('p2', 'fogbow-there-1', ''), port('p3', 'fogbow-runs-1', 's3')] }]);
    stage.on('GET /network/v2.0/ports?name=fogbow-gone-1', [200, { ports: [port('p1', 'fogbow-gone-1', '')] }]);
    stage.on('GET /network/v2.0/floatingips', [200, { floatingips: [{ id: 'a1', description: 'fogbow-gone-1', port_id: 'p1', updated_at: OLD }] }]);
    stage.on('DELETE /network/v2.0/', [204]);
    await leftovers.sweep(stage.call);
    expect(stage.lines()).toEqual([]);
    now += 600_000;
    await leftovers.sweep(stage.call);
    await leftovers.sweep(stage.call);
    expect(stage.lines().filter((line) => line.startsWith('DELETE'))).toEqual(['DELETE /network/v2.0/floatingips/a1', 'DELETE /network/v2.0/ports/p1']);
    now += 600_000;
    stage.on('GET /network/v2.0/ports', [403, {}]);
    await leftovers.sweep(stage.call);
    expect(told).toEqual(['fogbow-gone-1', 'away']);
    http.close();
  });
});
