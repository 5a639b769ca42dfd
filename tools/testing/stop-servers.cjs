/** jest's globalTeardown: ends the servers of this run and waits until they are gone. */
const { once } = require('node:events');

module.exports = async () => {
  const servers = globalThis.__fogbowTestServers;
  if (!servers) return;
  servers.child.ref();
  const ended = once(servers.child, 'exit');
  servers.child.stdin.end();
  await ended;
};
