import { findProsody } from '@fogbow/embedded-servers';
import { describeFederationLink } from '@fogbow/messaging';
import type { LinkMembers } from '@fogbow/messaging';
import { openProsodyLab } from './prosody-lab.js';

/* The suite that every link passes, over real servers; in CI the package is installed. */
const kinds: Record<string, LinkMembers> = {
  'components of one Prosody': { A: 'm1.one.test', B: 'm2.one.test', ABSENT: 'm3.one.test' },
  'components of two': { A: 'm1.one.test', B: 'm2.two.test', ABSENT: 'm3.two.test' },
  'a client that asks a component': { A: 'm1.at--one.test', B: 'm2.two.test', ABSENT: 'm3.at--two.test' },
  'a component that asks a client': { A: 'm1.one.test', B: 'm2.at--two.test', ABSENT: 'm3.two.test' },
  'clients of one Prosody': { A: 'm1.at--one.test', B: 'm2.at--one.test', ABSENT: 'm3.at--one.test' },
};

const installed = findProsody(false, () => undefined) !== undefined;
(installed ? describe : describe.skip)('over Prosody (needs the package prosody)', () => {
  jest.setTimeout(30_000);
  describe.each(Object.entries(kinds))('as %s', (_name, members) => {
    const lab = openOnce(members);
    // The servers are shared: what a test leaves behind there, the next must stand.
    describeFederationLink('link', async () => ({ link: (member, options) => lab.get().link(member, options), close: async () => undefined }), members);
  });
});

function openOnce(members: LinkMembers): { get(): Awaited<ReturnType<typeof openProsodyLab>> } {
  let lab: Awaited<ReturnType<typeof openProsodyLab>> | undefined;
  beforeAll(async () => { lab = await openProsodyLab(Object.values(members)); });
  afterAll(() => lab?.close());
  return { get: () => lab as Awaited<ReturnType<typeof openProsodyLab>> };
}
