import assert from 'node:assert/strict';
import type { ApiClient, OrderView } from '../api-client.js';
import type { Chapter } from '../story.js';
import { problem, remember, row } from './row.js';

const held = { Prefer: 'wait=60' };
const NETWORK = { cidr: '10.40.0.0/24', gateway: '10.40.0.1' };
const NOWHERE = { requirements: 'Glue2CloudComputeManagerID == "nowhere.example"' };
const joined = { attachment: { computeOrderId: '{machine}', volumeOrderId: '{volume}' } };
const waiting = (pattern: RegExp) => ({ state, reason = '' }: OrderView): void => { assert.equal(state, 'open'); assert.match(reason, pattern); };

/** /v1/volumes, /v1/networks and /v1/attachments over fake clouds. */
export function resourceChapter(alice: () => ApiClient): Chapter {
  return {
    name: 'Volumes, networks and attachments', steps: [
      row('a volume without a size', alice, { ask: 'POST /v1/volumes', body: {}, ...problem(400, 'unsupported-attribute') }),
      row('a volume with the flavor of a machine', alice, { ask: 'POST /v1/volumes', body: { sizeGb: 1, flavor: 'fogbow_small' }, ...problem(400, 'unsupported-attribute') }),
      row('a network with bits of a host', alice, { ask: 'POST /v1/networks', body: { network: { cidr: '10.40.0.1/24' } }, ...problem(400, 'unsupported-attribute') }),
      row('a machine with the size of a volume', alice, { ask: 'POST /v1/computes', body: { sizeGb: 1 }, ...problem(400, 'unsupported-attribute') }),
      row('a machine on an unknown network', alice, { ask: 'POST /v1/computes', body: { networkOrderIds: ['11111111-1111-4111-8111-111111111111'] }, ...problem(404, 'not-found') }),
      row('a dry run of a volume', alice, { ask: 'POST /v1/volumes?dryRun=true', body: { sizeGb: 1 }, status: 200, holds: { orders: [{ decision: 'here', member: '{a}' }] } }),
      row('a dry run of a volume that nobody has', alice, { ask: 'POST /v1/volumes?dryRun=true', body: { sizeGb: 1, ...NOWHERE }, status: 200, holds: { orders: [{ decision: 'wait' }] } }),
      row('nothing was ordered', alice, { ask: 'GET /v1/volumes', status: 200, keep: ({ volumes }: { volumes: unknown[] }) => assert.deepEqual(volumes, []) }),
      row('a volume, held until it can be used', alice, { ask: 'POST /v1/volumes', headers: held, body: { sizeGb: 3, title: 'data' }, status: 201, expect: { 'preference-applied': 'wait=60', location: /^\/v1\/volumes\// }, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('volume') }),
      row('as it is', alice, { ask: 'GET /v1/volumes/{volume}', status: 200, holds: { id: '{volume}', orderId: '{volume}', kind: 'storage', sizeGb: 3, title: 'data', providingMember: '{a}', history: [{ event: 'submitted' }] } }),
      row('it is no network', alice, { ask: 'GET /v1/networks/{volume}', ...problem(404, 'not-found') }),
      row('a network', alice, { ask: 'POST /v1/networks', headers: held, body: { network: NETWORK }, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('network') }),
      row('as it is', alice, { ask: 'GET /v1/networks/{network}', status: 200, holds: { network: { ...NETWORK, allocation: 'dynamic' }, gateway: NETWORK.gateway } }),
      row('a dry run of a machine on it', alice, { ask: 'POST /v1/computes?dryRun=true', body: { flavor: 'fogbow_small', networkOrderIds: ['{network}'] }, status: 200, holds: { orders: [{ decision: 'here', member: '{a}' }] } }),
      row('a machine on it', alice, { ask: 'POST /v1/computes', headers: held, body: { flavor: 'fogbow_small', networkOrderIds: ['{network}'] }, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('machine') }),
      row('has an address there', alice, { ask: 'GET /v1/computes/{machine}', status: 200, holds: { networkOrderIds: ['{network}'], addresses: [{ address: '10.40.0.2' }] } }),
      row('the volume in the machine', alice, { ask: 'POST /v1/attachments', headers: held, body: joined, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('link') }),
      row('with its device', alice, { ask: 'GET /v1/attachments/{link}', status: 200, holds: { ...joined, device: '/dev/vdc', providingMember: '{a}' } }),
      row('in the list', alice, { ask: 'GET /v1/attachments', status: 200, holds: { attachments: [{ id: '{link}' }] } }),
      row('a machine in place of the volume', alice, { ask: 'POST /v1/attachments', body: { attachment: { computeOrderId: '{machine}', volumeOrderId: '{machine}' } }, ...problem(404, 'not-found') }),
      row('a volume that is attached stays', alice, { ask: 'DELETE /v1/volumes/{volume}', status: 409, holds: { code: 'conflict', ids: ['{link}'] } }),
      row('also as an order', alice, { ask: 'DELETE /v1/orders/{volume}', status: 409, holds: { ids: ['{link}'] } }),
      row('so does its machine', alice, { ask: 'DELETE /v1/computes/{machine}', status: 409, holds: { ids: ['{link}'] } }),
      row('and the network of the machine', alice, { ask: 'DELETE /v1/networks/{network}', status: 409, holds: { ids: ['{machine}'] } }),
      row('a machine that nobody has', alice, { ask: 'POST /v1/computes', body: NOWHERE, status: 201, keep: remember('never') }),
      row('a volume for it', alice, { ask: 'POST /v1/volumes', headers: held, body: { sizeGb: 1 }, status: 201, keep: remember('other') }),
      row('an attachment to it waits, longer than the client', alice, { ask: 'POST /v1/attachments', headers: { Prefer: 'wait=1' }, body: { attachment: { computeOrderId: '{never}', volumeOrderId: '{other}' } }, status: 201, holds: { orders: [{ state: 'open' }] }, keep: remember('early') }),
      row('and says what for', alice, { ask: 'GET /v1/attachments/{early}', status: 200, keep: waiting(/^it waits for machine [0-9a-f-]{36}$/) }),
      row('and holds what is there', alice, { ask: 'DELETE /v1/volumes/{other}', status: 409, holds: { ids: ['{early}'] } }),
      row('a volume of the other member', alice, { ask: 'POST /v1/volumes', headers: held, body: { sizeGb: 1, requirements: 'Glue2CloudComputeManagerID == "{b}"' }, status: 201, holds: { orders: [{ state: 'fulfilled' }] }, keep: remember('abroad') }),
      row('cannot come to a machine of ours', alice, { ask: 'POST /v1/attachments', body: { attachment: { computeOrderId: '{machine}', volumeOrderId: '{abroad}' } }, ...problem(409, 'conflict') }),
      row('the attachment goes', alice, { ask: 'DELETE /v1/attachments/{link}', status: 204 }),
      row('then the volume', alice, { ask: 'DELETE /v1/volumes/{volume}', status: 204 }),
      row('then the machine', alice, { ask: 'DELETE /v1/computes/{machine}', status: 204 }),
      row('then the network', alice, { ask: 'DELETE /v1/networks/{network}', status: 204 }),
      row('the same network at once again', alice, { ask: 'POST /v1/networks', headers: held, body: { network: NETWORK }, status: 201, holds: { orders: [{ state: 'fulfilled' }] } }),
      row('all the rest, in any order', alice, { ask: 'DELETE /v1/orders', status: 200 }),
    ],
  };
}
