import { addressOf, createXmppLink, describeFederationLink, isClient } from '@fogbow/messaging';
import type { LinkLab, LinkMembers } from '@fogbow/messaging';
import { silentLogger } from '@fogbow/service-runtime';
import { createRouter } from './router-server.js';

const kinds: [string, LinkMembers][] = [
  ['xmpp', { A: 'm1.test', B: 'm2.test', ABSENT: 'm3.test' }],
  ['xmpp over WebSocket', { A: 'm1.at--test', B: 'm2.at--test', ABSENT: 'm3.at--test' }],
  ['xmpp over WebSocket towards a component', { A: 'm1.at--test', B: 'm2.b.test', ABSENT: 'm3.b.test' }],
];
for (const [name, members] of kinds) describeFederationLink(name, () => openRouter(members), members);

async function openRouter(members: LinkMembers): Promise<LinkLab> {
  const all = Object.values(members) as string[];
  const secretOf = (member: string): string => `secret of ${member}`;
  const router = createRouter({
    components: Object.fromEntries(all.filter((member) => !isClient(member)).map((member) => [member, secretOf(member)])),
    clients: Object.fromEntries(all.filter(isClient).map((member) => [addressOf(member).split('/')[0] as string, secretOf(member)])),
    log: silentLogger,
  });
  const [port, webPort] = await Promise.all([router.listen('127.0.0.1', 0), router.listenWebSocket('127.0.0.1', 0)]);
  return {
    link: (jid, options = {}) => createXmppLink({
      jid, secret: secretOf(jid), log: silentLogger, ...(isClient(jid) ? { url: `ws://127.0.0.1:${webPort}/xmpp-websocket` } : { host: '127.0.0.1', port }), ...options,
    }),
    close: () => router.close(),
  };
}
