import type { Answers } from '../answers/answers.js';
import { namesOf, PORTS, rendezvousOf } from '../answers/answers.js';
import { authorityFile, INSIDE, secretFile } from './paths.js';

export const MANAGER_ROLES = ['api', 'worker', 'federation'] as const;
export type ManagerRole = (typeof MANAGER_ROLES)[number];

/** Health and metrics of a process in a container, of which no port is published: a Prometheus in the same network reaches them, and nobody from outside. */
const CONTAINERS_ALONE = '0.0.0.0';
/** RAM in MiB, disk in GiB. */
const FLAVORS = { small: { vcpu: 1, ramMb: 1024, diskGb: 10 }, medium: { vcpu: 2, ramMb: 4096, diskGb: 20 }, large: { vcpu: 4, ramMb: 8192, diskGb: 40 } };

/** Configuration of the Manager process with one role. Certificates of an authority that the world knows need no file of ours. */
export function managerConfig(answers: Answers, role: ManagerRole): object {
  const names = namesOf(answers);
  const isTrial = answers.certificates === 'trial';
  return merged({
    member: { id: names.manager },
    process: { name: `manager-${role}`, roles: [role] },
    keyFile: secretFile('manager-key'),
    ...(role === 'api' ? apiPlace(names.internal) : { http: { host: CONTAINERS_ALONE }, health: { port: PORTS.health } }),
    database: { urlFile: secretFile('database-url') },
    redis: { urlFile: secretFile('redis-url'), prefix: 'manager' },
    xmpp: { host: names.external, port: PORTS.component, tls: true, ...(isTrial ? { caFile: authorityFile } : {}), secretFile: secretFile('xmpp-manager') },
    rendezvous: { jid: rendezvousOf(answers) },
    tunnel: { redisUrlFile: secretFile('tunnel-redis-url'), ...(isTrial ? { redisCaFile: authorityFile } : {}) },
    cloud: answers.cloud,
    identity: { plugin: 'identity-static', settings: { usersFile: `${INSIDE.config}/users.yaml` } },
    flavors: FLAVORS,
  }, answers.manager);
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The operator's settings beat ours, one by one; sizes of machines are theirs or ours as a whole. */
function merged(ours: Tree, theirs: Tree): Tree {
  const both = Object.entries(theirs).map(([key, value]) => [key, key !== 'flavors' && isTree(value) && isTree(ours[key]) ? merged(ours[key], value) : value]);
  return { ...ours, ...Object.fromEntries(both) as Tree };
}

/** From these an engine gives addresses to its containers, the front among them. The port behind it is not published. */
const CONTAINERS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

const apiPlace = (name: string): object => ({
  http: { host: '0.0.0.0', port: PORTS.api, proxyProtocol: CONTAINERS, publicUrl: `https://${name}:${PORTS.api}`, tls: { certificateFile: `${INSIDE.certificates}/tls.crt`, keyFile: `${INSIDE.certificates}/tls.key` } },
});

export function rendezvousConfig(answers: Answers): object {
  const names = namesOf(answers);
  return {
    xmpp: { jid: names.rendezvous, host: names.external, port: PORTS.component, tls: true, ...(answers.certificates === 'trial' ? { caFile: authorityFile } : {}), secretFile: secretFile('xmpp-rendezvous') },
    http: { host: CONTAINERS_ALONE, port: PORTS.rendezvousHttp },
    redis: { urlFile: secretFile('redis-url'), prefix: 'rendezvous' },
    announcePeriod: '30s',
  };
}
