import type { SettingsTable } from '@fogbow/plugin-contracts';

/** Every setting of the Reverse Tunnel. */
export const TUNNEL_SETTINGS = {
  'ssh.host': { type: 'string', default: '0.0.0.0', meaning: 'Address on which machines dial by SSH.' },
  'ssh.port': { type: 'port', default: 2222, meaning: 'Port that machines dial by SSH; 0 takes any free port.' },
  'ssh.hostKeyFile': { type: 'path', default: 'tunnel-host-key', meaning: 'File of the ed25519 host key; made on the first start. Machines pin this key.' },
  'ssh.keepalive': { type: 'duration', default: '15s', meaning: 'How often a silent machine is asked for a sign of life; three missing answers end its session.' },
  'ports.host': { type: 'string', default: '0.0.0.0', meaning: 'Address on which the public ports are opened.' },
  'ports.from': { type: 'port', default: 20_000, min: 1, meaning: 'First public port.' },
  'ports.to': { type: 'port', default: 30_000, min: 1, meaning: 'Last public port.' },
  'ports.rest': { type: 'duration', default: '30s', meaning: 'How long a released port is not given to another machine.' },
  publicHost: { type: 'string', meaning: 'Host name or address under which users reach the public ports.' },
  dialHost: { type: 'string', meaning: 'Host name or address under which machines reach the SSH port.' },
  dialPort: { type: 'port', optional: true, min: 1, meaning: 'Port that machines dial, if it is not ssh.port because of an address translation.' },
  'redis.url': { type: 'url', secret: true, default: 'redis://127.0.0.1:6379', meaning: 'Redis beside the tunnel: redis://, rediss:// or unix:///socket.' },
  'redis.prefix': { type: 'string', default: 'fogbow-tunnel', meaning: 'Beginning of every key of this tunnel in Redis; its Manager has the same.' },
  'http.host': { type: 'string', default: '127.0.0.1', meaning: 'Address of the HTTP port with health, metrics and status.' },
  'http.port': { type: 'port', default: 2223, meaning: 'HTTP port; 0 takes any free port.' },
  'limits.loginGrace': { type: 'duration', default: '10s', meaning: 'Time in which an SSH connection must log in.' },
  'limits.secretTries': { type: 'integer', default: 3, min: 1, meaning: 'Wrong secrets after which an SSH connection is closed.' },
  'limits.unauthenticated': { type: 'integer', default: 500, min: 1, meaning: 'SSH connections that have not logged in yet, in all.' },
  'limits.unauthenticatedPerAddress': { type: 'integer', default: 200, min: 1, meaning: 'SSH connections that have not logged in yet, from one address.' },
  'limits.connectionsPerTunnel': { type: 'integer', default: 256, min: 1, meaning: "Connections of users to one machine at a time; each may hold 4 MiB when it stalls." },
} as const satisfies SettingsTable;
