import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GETREMOTEUSERQUOTA, IAMALIVE, ORDER } from '@fogbow/messaging';
import { eventually } from '../testing/start-manager.js';
import { startFederation } from '../testing/start-federation.js';
import type { TestFederation, TestMember } from '../testing/start-federation.js';
import { createForwardedIdentity } from './forwarded-identity.js';
import { makeCertificate } from './member-certificate.js';
import { readSigningKey, thumbprint } from './signing-key.js';
import type { SigningKey } from './signing-key.js';

interface Member { id: string; key?: string; refusedKey?: string }
const STRANGER = 'manager.stranger.test';

jest.setTimeout(30_000);

describe('whom members believe', () => {
  const directory = mkdtempSync(join(tmpdir(), 'trust-'));
  const newKey = (): SigningKey => {
    const path = join(directory, `${randomUUID()}.pem`);
    writeFileSync(path, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    return readSigningKey(path);
  };
  let federation: TestFederation;
  let a: TestMember;
  beforeAll(async () => {
    federation = await startFederation([{}, {}], { admins: ['alice'] });
    a = federation.members[0] as TestMember;
  });
  afterAll(async () => {
    await federation.stop();
    rmSync(directory, { recursive: true });
  });
  const memberAtA = async (id: string): Promise<Member | undefined> => (await a.client.get<{ members: Member[] }>('/v1/members')).data.members.find((member) => member.id === id);

  test('an order abroad is signed, and its provider knows the user by the signature', async () => {
    const b = federation.members[1] as TestMember;
    const requirements = `Glue2CloudComputeManagerID == "${b.id}"`;
    await eventually(() => memberAtA(b.id), Boolean);
    const { data } = await a.client.post<{ ids: string[] }>('/v1/orders', { requirements });
    const id = data.ids[0] ?? '';
    await eventually(async () => (await a.client.get<{ state: string }>(`/v1/orders/${id}`)).data.state, (state) => state === 'fulfilled');
    const atB = await eventually(async () => (await b.client.get<{ members: Member[] }>('/v1/members')).data.members.find((member) => member.id === a.id), (member) => member?.key !== undefined);
    expect(atB?.key).toMatch(/^[\w-]{43}$/);
    expect(atB?.refusedKey).toBeUndefined();
    await a.client.delete(`/v1/orders/${id}`);
    await eventually(b.machines, (machines) => machines.length === 0);
  });

  test('a member that has published a key is believed by that key alone, until it is rotated, or forgotten by an administrator', async () => {
    const [first, second, stolen] = [newKey(), newKey(), newKey()];
    const stranger = await federation.stranger(STRANGER);
    const publish = async (certificate: string): Promise<void> => {
      await stranger.request('rendezvous.test', IAMALIVE, { certificate });
      // A round of news at A has read it when the member after it in the list was seen anew.
      await eventually(async () => (await a.client.get<{ members: Member[] }>('/v1/members')).data.members.some(({ id }) => id === STRANGER), Boolean);
    };
    const asks = async (accessId: string): Promise<string> => {
      try {
        await stranger.request(a.id, GETREMOTEUSERQUOTA, { token: { accessId, userId: 'root', userName: 'Root' } }, { timeoutMs: 2000 });
        return 'believed';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const signedBy = (key: SigningKey): string => {
      const identity = createForwardedIdentity({ self: STRANGER, key, keyOf: () => Promise.resolve(undefined), acceptUnsigned: false, now: () => new Date() });
      return identity.vouchFor({ id: 'sam', name: 'Sam' }, a.id, 'quota').accessId;
    };
    expect(await asks('')).toBe('believed');
    await publish(makeCertificate(STRANGER, { current: first }));
    await eventually(async () => await asks(''), (answer) => answer === 'forbidden');
    expect(await asks(signedBy(first))).toBe('believed');
    expect(await asks(signedBy(stolen))).toBe('forbidden');
    await publish(makeCertificate(STRANGER, { current: stolen }));
    await eventually(async () => { await asks(signedBy(stolen)); return await memberAtA(STRANGER); }, (member) => member?.refusedKey === thumbprint(stolen.publicKey));
    expect(await asks(signedBy(stolen))).toBe('forbidden');
    expect(await asks(signedBy(first))).toBe('believed');
    await publish(makeCertificate(STRANGER, { current: second, previous: first }));
    await eventually(async () => await asks(signedBy(second)), (answer) => answer === 'believed');
    expect(await asks(signedBy(first))).toBe('forbidden');
    await publish(makeCertificate(STRANGER, { current: stolen }));
    await eventually(async () => { await asks(signedBy(stolen)); return await memberAtA(STRANGER); }, (member) => member?.refusedKey === thumbprint(stolen.publicKey));
    expect((await a.manager.client('mallory').delete(`/v1/members/${STRANGER}/key`)).status).toBe(403);
    expect((await a.client.delete(`/v1/members/${STRANGER}/key`)).status).toBe(204);
    expect(await asks(signedBy(stolen))).toBe('believed');
    const refused = new Promise<string>((resolve) => stranger.onLateReply(ORDER, (_from, _id, outcome) => resolve('error' in outcome ? outcome.error.code : 'served')));
    const id = randomUUID();
    await stranger.post(a.id, ORDER, { id, attempt: 1, attributes: {}, categories: [], token: { accessId: signedBy(stolen), userId: 'sam', userName: 'Sam' } }, { id: `${id}.1` });
    expect(await refused).toBe('forbidden');
  });
});
