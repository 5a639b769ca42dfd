import { createXmppLink, describeFederationLink } from '@fogbow/messaging';
import { silentLogger } from '@fogbow/service-runtime';
import { createRouter } from './router-server.js';

describeFederationLink('xmpp', async () => {
  const members = ['m1.test', 'm2.test', 'm3.test'];
  const router = createRouter({ components: Object.fromEntries(members.map((jid) => [jid, `secret of ${jid}`])), log: silentLogger });
  const port = await router.listen('127.0.0.1', 0);
  return {
    link: (jid, options = {}) => createXmppLink({ jid, host: '127.0.0.1', port, secret: `secret of ${jid}`, log: silentLogger, ...options }),
    close: () => router.close(),
  };
});
