/** Why something was refused; each is a label of the metric fogbow_tunnel_refusals_total. */
export const REFUSALS = {
  'too-many-strangers': 'limits.unauthenticated was reached',
  'too-many-from-address': 'limits.unauthenticatedPerAddress was reached',
  penalty: 'the address has to wait for what it did before',
  handshake: 'no SSH, or none that both sides can speak',
  'login-grace': 'no login in time',
  'no-login': 'left without a login',
  'bad-id': 'a user name that no grant can have',
  'unknown-grant': 'a user name that is no grant',
  'ended-grant': 'the grant was revoked or its order deleted',
  'wrong-secret': 'not the secret of the grant',
  'wrong-key': 'not the key of the grant',
  flapping: 'two machines with one grant push each other out',
  'foreign-port': 'a port that is not of the grant, or any port',
  'bind-address': 'a listening address that the tunnel does not have',
  'port-in-use': 'the port is open already, or another program has it',
  session: 'a shell, a command, a subsystem, or what else runs in a session',
  'direct-tcpip': 'a connection from the tunnel to somewhere else',
  agent: 'an agent',
  x11: 'a display',
  streamlocal: 'a unix socket',
  'other-request': 'anything else that nobody serves',
  flood: 'so many refused requests that the session was ended',
  protocol: 'not what an honest client does',
  connections: 'more users at a time than the grant allows',
  'web-name': 'a web name that is no service',
  'web-request': 'a web request that is not one clear request to a service',
  'web-connections': 'limits.webConnections or limits.webConnectionsPerAddress was reached',
  'api-rate': 'limits.apiPerMinute was reached',
} as const;
export type RefusalReason = keyof typeof REFUSALS;

const KINDS: Readonly<Record<string, RefusalReason>> = {
  session: 'session', 'direct-tcpip': 'direct-tcpip', 'direct-streamlocal@openssh.com': 'streamlocal', 'streamlocal-forward@openssh.com': 'streamlocal', 'cancel-streamlocal-forward@openssh.com': 'streamlocal',
  x11: 'x11', 'x11-req': 'x11', 'auth-agent@openssh.com': 'agent', 'auth-agent-req@openssh.com': 'agent', shell: 'session', exec: 'session', subsystem: 'session', env: 'session', 'pty-req': 'session',
};

/** The reason for a kind of channel or request that a machine asked for. */
export const reasonForRequest = (kind: string): RefusalReason => (Object.hasOwn(KINDS, kind) ? KINDS[kind] as RefusalReason : 'other-request');
