import { clientToken } from '@fogbow/request-model';
import { createNeutronLeftovers, leftoverTokens } from './neutron-leftovers.js';
import { createNeutronPorts } from './neutron-ports.js';
import { createOpenStackHttp } from './openstack-http.js';
import { stageOpenStack } from './staged-openstack.js';
import type { StagedOpenStack } from './staged-openstack.js';

const SELF = 'site-a.example';
const tokenOf = (digit: number, member = SELF): string => clientToken(member, { id: `00000000-0000-4000-8000-00000000000${digit}`, incarnation: 1 });
const [GONE, THERE, RUNS] = [tokenOf(1), tokenOf(2), tokenOf(3)];
const NOW = new Date('2026-01-01T12:00:00Z');
const [OLD, YOUNG] = ['2026-01-01T10:00:00Z', '2026-01-01T11:30:00Z'];
const made = (clientToken: string, isInUse: boolean, updatedAt: string | undefined) => ({ clientToken, isInUse, updatedAt });

it.each<[string, Parameters<typeof leftoverTokens>[1], string[]]>([
  ['of no use for long', [made(GONE, false, OLD), made(GONE, false, OLD)], [GONE]],
  ['in use', [made(GONE, true, OLD), made(GONE, false, OLD)], []],
  ['perhaps wanted by a create that is tried again', [made(GONE, false, YOUNG), made(GONE, false, OLD)], []],
  ['of unknown age', [made(GONE, false, undefined)], []],
  ['of somebody else', [made('web', false, OLD), made('', false, OLD), made('fogbow-vip', false, OLD), made(tokenOf(1, 'site-b.example'), false, OLD)], []],
])('what is %s', (_what, all, tokens) => expect(leftoverTokens(SELF, all, NOW)).toEqual(tokens));

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
      http, ports: createNeutronPorts(http), memberId: SELF, now: clock, hasMachine: (token) => Promise.resolve(token === THERE),
      log: { info: (_words, fields) => void told.push(String(fields?.['clientToken'])), warn: () => void told.push('away') },
    });
    const port = (id: string, name: string, device: string) => ({ id, name, device_id: device, updated_at: OLD });
    stage.on('GET /network/v2.0/ports', [200, { ports: [port('p1', GONE, ''), port('p2', THERE, ''), port('p3', RUNS, 's3')] }]);
    stage.on(`GET /network/v2.0/ports?name=${GONE}`, [200, { ports: [port('p1', GONE, '')] }]);
    stage.on('GET /network/v2.0/floatingips', [200, { floatingips: [{ id: 'a1', description: GONE, port_id: 'p1', updated_at: OLD }] }]);
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
    expect(told).toEqual([GONE, 'away']);
    http.close();
  });
});
