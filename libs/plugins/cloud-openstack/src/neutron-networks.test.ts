import { stageOpenStack } from './staged-openstack.js';
import type { StagedOpenStack } from './staged-openstack.js';

let stage: StagedOpenStack;
beforeEach(async () => {
  stage = await stageOpenStack();
  stage.on('GET /network/v2.0/networks', [200, { networks: [{ id: 'public-id', name: 'public' }] }]);
  stage.on(`GET /network/v2.0/networks?name=${clientToken}`, [200, { networks: [] }]);
  for (const kind of ['subnets', 'ports', 'routers']) stage.on(`GET /network/v2.0/${kind}`, [200, { [kind]: [] }]);
  stage.on('POST /network/v2.0/networks', [201, { network }]);
  stage.on('POST /network/v2.0/subnets', [201, { subnet }]);
  stage.on('POST /network/v2.0/routers', [201, { router: { id: 'r1' } }]);
  stage.on('PUT /network/v2.0/routers/r1/add_router_interface', [200, {}]);
});
afterEach(() => stage.close());

const clientToken = 'fogbow-test-1';
const network = { id: 'n1', name: clientToken, status: 'ACTIVE', description: 'mine' };
const subnet = { id: 'b1', network_id: 'n1', cidr: '10.9.0.0/24', gateway_ip: '10.9.0.1', enable_dhcp: true };
const request = { clientToken, cidr: '10.9.0.0/24', allocation: 'dynamic', name: 'mine' } as const;
const writes = (): string[] => stage.lines().filter((line) => !line.startsWith('GET'));

it('makes a network with its range, and a router where there is a way out', async () => {
  expect(await stage.plugin({ externalNetwork: 'public' }).networks?.create(request, stage.call)).toEqual({ id: 'n1', clientToken, name: 'mine', cidr: '10.9.0.0/24', gateway: '10.9.0.1', allocation: 'dynamic', state: 'active' });
  expect(writes()).toEqual(['POST /network/v2.0/networks', 'POST /network/v2.0/subnets', 'POST /network/v2.0/routers', 'PUT /network/v2.0/routers/r1/add_router_interface']);
  expect(stage.asked.find(({ line }) => line === 'POST /network/v2.0/routers')?.body).toEqual({ router: { name: clientToken, external_gateway_info: { network_id: 'public-id' } } });
});

it('keeps no address for a gateway that leads nowhere', async () => {
  await stage.plugin({ dnsServers: ['9.9.9.9'] }).networks?.create(request, stage.call);
  expect(stage.asked.at(-1)?.body).toEqual({ subnet: { name: clientToken, network_id: 'n1', ip_version: 4, cidr: '10.9.0.0/24', enable_dhcp: true, gateway_ip: null, dns_nameservers: ['9.9.9.9'] } });
});

it('goes on where an earlier try broke off', async () => {
  stage.on(`GET /network/v2.0/networks?name=${clientToken}`, [200, { networks: [network] }]);
  stage.on('GET /network/v2.0/routers?name', [200, { routers: [{ id: 'r1' }] }]);
  expect((await stage.plugin({ externalNetwork: 'public' }).networks?.create(request, stage.call))?.id).toBe('n1');
  expect(writes()).toEqual(['POST /network/v2.0/subnets', 'PUT /network/v2.0/routers/r1/add_router_interface']);
});

it('takes everything back when a step is refused', async () => {
  stage.on('PUT /network/v2.0/routers/r1/add_router_interface', [400, { NeutronError: { type: 'BadRequest', message: 'no gateway' } }]);
  stage.on('GET /network/v2.0/networks/n1', [200, { network }]);
  stage.on('GET /network/v2.0/subnets', [200, { subnets: [] }], [200, { subnets: [subnet] }]);
  stage.on('GET /network/v2.0/routers?name', [200, { routers: [] }], [200, { routers: [{ id: 'r1' }] }]);
  for (const path of ['routers/r1', 'networks/n1']) stage.on(`DELETE /network/v2.0/${path}`, [204]);
  stage.on('PUT /network/v2.0/routers/r1/remove_router_interface', [404, {}]);
  await expect(stage.plugin({ externalNetwork: 'public' }).networks?.create(request, stage.call)).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringContaining('no gateway') as string });
  expect(writes().slice(-3)).toEqual(['PUT /network/v2.0/routers/r1/remove_router_interface', 'DELETE /network/v2.0/routers/r1', 'DELETE /network/v2.0/networks/n1']);
});

it('leaves what is there when nobody knows what became of a step', async () => {
  stage.on('POST /network/v2.0/subnets', [500]);
  await expect(stage.plugin().networks?.create(request, stage.call)).rejects.toMatchObject({ code: 'cloud-unavailable' });
  expect(writes()).toEqual(['POST /network/v2.0/networks', 'POST /network/v2.0/subnets']);
});

describe('removing', () => {
  const port = { id: 'p1', name: 'fogbow-machine-1', network_id: 'n1', device_id: '', device_owner: '' };
  beforeEach(() => {
    stage.on('GET /network/v2.0/networks/n1', [200, { network }]);
    stage.on('GET /network/v2.0/ports', [200, { ports: [port] }]);
    stage.on('DELETE /network/v2.0/', [204]);
  });

  it('is refused while a machine is on the network, or about to be', async () => {
    stage.on('GET /compute/servers/detail', [200, { servers: [{ id: 's1', name: port.name, status: 'BUILD', metadata: { fogbow_token: port.name } }] }]);
    await expect(stage.plugin().networks?.remove('n1', stage.call)).rejects.toMatchObject({ code: 'conflict' });
    expect(writes()).toEqual([]);
  });

  it('takes ports with it whose machine never came', async () => {
    stage.on('GET /compute/servers/detail', [200, { servers: [] }]);
    await stage.plugin().networks?.remove('n1', stage.call);
    expect(writes()).toEqual(['DELETE /network/v2.0/ports/p1', 'DELETE /network/v2.0/networks/n1']);
  });
});
