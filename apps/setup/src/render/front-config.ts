import { PORTS } from '../answers/answers.js';

/** Most API processes that are shared out to. */
const MOST = 8;

/**
 * HAProxy before the API: it passes bytes on, so that TLS stays between user and Manager. Who is behind the name is asked of the engine all the
 * time. A process that says three times in 4 s that it is not ready, or nothing for as long, gets no new connection; where none is ready all get them,
 * since the API itself says best what is the matter. Who dialled is told by the PROXY protocol before the first byte, by its checks as well.
 */
export function frontConfig(): string {
  const manager = `manager-api:${PORTS.api}`;
  return [
    '# Written by fogbow-setup; another run writes it again.',
    'global', '  maxconn 4096', '  nbthread 1', '  log stdout format raw daemon notice',
    'defaults', '  mode tcp', '  log global', '  timeout connect 2s', '  timeout check 3s', '  timeout client 1h', '  timeout server 1h', '  option clitcpka', '  option srvtcpka',
    '  retries 5', '  option redispatch 1',
    'resolvers engine', '  nameserver engine 127.0.0.11:53', '  resolve_retries 3', '  timeout resolve 500ms', '  timeout retry 500ms', '  hold valid 500ms', '  hold nx 30s', '  hold obsolete 2s', '  accepted_payload_size 4096',
    'frontend api', `  bind :${PORTS.api}`, '  default_backend managers',
    'backend managers', '  balance leastconn', '  option httpchk GET /health/ready', '  option allbackups',
    '  default-server resolvers engine resolve-opts allow-dup-ip init-addr none inter 2s fastinter 1s send-proxy-v2 check-send-proxy',
    `  server-template ready- ${MOST} ${manager} check check-ssl verify none fall 3 rise 1`,
    `  server-template any- ${MOST} ${manager} backup`,
  ].map((line) => `${line}\n`).join('');
}
