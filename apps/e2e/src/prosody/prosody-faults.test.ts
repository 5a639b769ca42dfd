import { findProsody } from '@fogbow/embedded-servers';
import { GETINSTANCE } from '@fogbow/messaging';
import type { FederationLink, XmppLinkOptions } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import { openProsodyLab } from './prosody-lab.js';
import type { ProsodyLab } from './prosody-lab.js';
import { openRawComponent } from './raw-component.js';
import type { RawComponent } from './raw-component.js';

const [A, B, STRANGER] = ['m1.at--one.test', 'm2.two.test', 'm3.two.test'];

/** Warnings with their reasons, and a promise of the next. */
function recordLog(): { log: Logger; warnings: string[] } {
  const warnings: string[] = [];
  const log: Logger = { debug: () => undefined, info: () => undefined, error: () => undefined, warn: (_message, fields) => void warnings.push(String(fields?.['why'])), child: () => log };
  return { log, warnings };
}

const installed = findProsody(false, () => undefined) !== undefined;
(installed ? describe : describe.skip)('faults of and over Prosody (needs the package prosody)', () => {
  jest.setTimeout(30_000);
  let lab: ProsodyLab;
  const links: FederationLink[] = [];
  beforeAll(async () => { lab = await openProsodyLab([A, B, STRANGER]); });
  afterAll(() => lab?.close());
  afterEach(async () => { for (const link of links.splice(0)) await link.stop(); });
  const open = (member: string, options: Parameters<ProsodyLab['link']>[1] = {}): FederationLink => {
    const link = lab.link(member, options);
    links.push(link);
    return link;
  };
  const stranger = (): Promise<RawComponent> => openRawComponent({ host: '127.0.0.1', port: lab.serverOf(STRANGER).site.ports.component, jid: STRANGER, secret: lab.secretOf(STRANGER) });

  it.each<[string, string, string]>([
    ['a component', B, 'the server refuses our secret (not-authorized)'],
    ['a client', A, 'the server refuses our secret (not-authorized)'],
    ['an unknown component', 'nobody.two.test', 'the server knows no component or domain of our name (host-unknown)'],
  ])('tells why %s is not let in, once', async (_what, member, why) => {
    const { log, warnings } = recordLog();
    const wrong = { secret: 'wrong', log, reconnect: { baseMs: 1, capMs: 5 } } as Partial<XmppLinkOptions>;
    const link = open(member, wrong);
    await link.start();
    // A link of the right secret shows that time for more attempts has passed.
    const other = open(STRANGER);
    await other.start();
    expect(other.connected()).toBe(true);
    expect(warnings).toEqual([why]);
    expect(link.connected()).toBe(false);
  });

  it('does not believe a server whose certificate it does not know', async () => {
    const { log, warnings } = recordLog();
    const link = open(A, { ca: '', log } as never);
    await link.start();
    expect(link.connected()).toBe(false);
    expect(warnings.join()).toMatch(/certificate/);
  });

  it.each([['a client', A, 'one.test'], ['a component', B, 'two.test']])('comes back as %s when its server was restarted, and what waited fails at once', async (_what, member, domain) => {
    const changes: boolean[] = [];
    let changed = (): void => undefined;
    const link = open(member, { reconnect: { baseMs: 20, capMs: 100 }, onStatus: (connected) => { changes.push(connected); changed(); } });
    const asked = new Promise<void>((resolve) => { links[0]?.handle(GETINSTANCE, async () => { resolve(); return 'later'; }); });
    await link.start();
    const self = link.request(member, GETINSTANCE, { instanceId: 'i' }, { timeoutMs: 25_000 }).catch((error: unknown) => error);
    await asked;
    await lab.stop(domain);
    expect(await self).toMatchObject({ code: 'unavailable' });
    await expect(link.request(B, GETINSTANCE, { instanceId: 'i' })).rejects.toMatchObject({ code: 'unavailable' });
    const back = new Promise<void>((resolve) => { changed = () => { if (changes.at(-1)) resolve(); }; });
    await lab.restart(domain);
    await back;
    expect(changes).toEqual([true, false, true]);
  });

  it('takes an answer from nobody but the member that was asked, and stands what strangers send', async () => {
    const [a, b, evil] = [open(A), open(B), await stranger()];
    let release = (): void => undefined;
    const asked = new Promise<string>((resolve) => {
      b.handle(GETINSTANCE, (_from, { instanceId }, id) => { resolve(id); return new Promise((answer) => { release = () => answer({ instanceId, attributes: {} }); }); });
    });
    await Promise.all([a.start(), b.start()]);
    const answer = a.request(B, GETINSTANCE, { instanceId: 'right' });
    const id = await asked;
    const forged = '<query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>forged</id></instance></query>';
    const deep = `<query xmlns="urn:x">${'<a>'.repeat(2000)}${'</a>'.repeat(2000)}</query>`;
    for (const to of ['m1@one.test/fogbow', B]) {
      for (const content of [forged, deep, '<xml:a/>', '<query xmlns=""/>']) await evil.say(`<iq type="result" id="${id}" from="${STRANGER}" to="${to}">${content}</iq>`);
    }
    release();
    expect(await answer).toMatchObject({ instanceId: 'right' });
    expect([a.connected(), b.connected()]).toEqual([true, true]);
    evil.close();
  });

  it('answers an address that is nobody’s member with a refusal', async () => {
    const [b, evil] = [open(B), await stranger()];
    b.handle(GETINSTANCE, async () => { throw new Error('This is not reached.'); });
    await b.start();
    await evil.say(`<iq type="get" id="1" from="somebody@${STRANGER}/phone" to="${B}"><query xmlns="http://fogbowcloud.org/manager/getinstance"><instance><id>i</id></instance></query></iq>`);
    await evil.say(`<iq type="get" id="2" from="${STRANGER}" to="${B}"><query xmlns="http://fogbowcloud.org/nothing"/></iq>`);
    await evil.answered('2');
    expect([...evil.answers]).toEqual([['forbidden', 1], ['feature-not-implemented', 1]]);
    evil.close();
  });
});
