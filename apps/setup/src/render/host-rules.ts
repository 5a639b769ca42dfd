import { isIP } from 'node:net';
import type { Answers } from '../answers/answers.js';
import { isWildcard, namesOf, PORTS } from '../answers/answers.js';

const SSH = 22;
/** Of the containers' network, as the compose files call it. */
const ENGINE_BRIDGE = 'fogbow0';

/** Records in the form of a zone's file. Servers of other members find the components by SRV, and where somebody does not ask for those by address. */
export function dnsRecords(answers: Answers): string {
  const { manager, rendezvous, external, internal, doctor } = namesOf(answers);
  const kind = (address: string): string => (isIP(address) === 6 ? 'AAAA' : 'A');
  const components = [manager, ...(answers.rendezvous === 'own' ? [rendezvous] : []), doctor];
  const rows = [
    [external, kind(answers.publicAddress), answers.publicAddress],
    ...components.flatMap((name) => [[name, kind(answers.publicAddress), answers.publicAddress], [`_xmpp-server._tcp.${name}`, 'SRV', `0 5 ${PORTS.s2s} ${external}.`]]),
  ];
  const inside = [[internal, kind(answers.internalAddress), answers.internalAddress]];
  const text = (all: string[][]): string => all.map(([name, type, value]) => `${name}. 3600 IN ${type} ${value}\n`).join('');
  return `; For the world:\n${text(rows)}; For those who use the API, inside alone is enough:\n${text(inside)}`;
}

/**
 * Rules in the words of nft. They look at what arrives before a container engine turns it to a container (priority dstnat is -100): rules of the
 * `input` hook would never see it. Where somebody translates addresses the public one never arrives: what is bound does.
 */
export function internalRules({ internalAddress, insideAddress, publicAddress, publicBind }: Answers): string {
  const [family, outside] = [familyOf(internalAddress), [...new Set([insideAddress, publicAddress, publicBind])].filter((address) => isIP(address) === isIP(internalAddress) && address !== internalAddress && !isWildcard(address))];
  return table([
    ...(outside.length > 0 ? [`${family} daddr ${internalAddress} ${family} saddr { ${outside.join(', ')} } counter name refused drop`] : []),
    `tcp dport ${SSH} accept`,
    `${family} daddr ${internalAddress} tcp dport ${PORTS.api} accept`,
    `${family} daddr ${internalAddress} counter name refused drop`,
  ], []);
}

export function externalRules({ internalAddress, insideAddress, publicBind, publicPorts, layout }: Answers): string {
  const [inside, own] = [familyOf(insideAddress), familyOf(internalAddress)];
  const isOneHost = layout === 'all-in-one';
  // Which of its addresses the world comes by is not known where all are bound.
  const world = isWildcard(publicBind) ? '' : `${familyOf(publicBind)} daddr ${publicBind} `;
  const ours = isWildcard(publicBind) ? ['fib daddr type local '] : [...new Set([`${inside} daddr ${insideAddress} `, world])];
  return table([
    `tcp dport ${SSH} accept`,
    `${inside} daddr ${insideAddress} ${own} saddr ${internalAddress} tcp dport { ${PORTS.component}, ${PORTS.redis} } accept`,
    `${inside} daddr ${insideAddress} tcp dport ${PORTS.tunnelSsh} accept`,
    `${world}tcp dport { ${PORTS.s2s}, ${publicPorts.from}-${publicPorts.to} } accept`,
    ...(isOneHost ? [`${own} daddr ${internalAddress} tcp dport ${PORTS.api} accept`] : []),
    ...ours.map((one) => `${one}counter name refused drop`),
  ], isOneHost ? [] : [`${own} daddr ${internalAddress} ct state new counter name inward drop`]);
}

const familyOf = (address: string): string => (isIP(address) === 6 ? 'ip6' : 'ip');

function table(arriving: readonly string[], leaving: readonly string[]): string {
  const chain = (name: string, hook: string, rules: readonly string[]): string[] => [`  chain ${name} {`, `    type filter hook ${hook}; policy accept;`, ...rules.map((rule) => `    ${rule}`), '  }'];
  // By their whole names: a bridge of a host may be its way to the world.
  const open = ['ct state != new accept', 'iif lo accept', `iifname { "docker0", "${ENGINE_BRIDGE}" } accept`, 'meta l4proto { icmp, ipv6-icmp } accept'];
  return `${[
    '# Written by fogbow-setup. Apply with: nft -f nftables.conf; at every boot: include it from /etc/nftables.conf.',
    'table inet fogbow', 'delete table inet fogbow', 'table inet fogbow {', '  counter refused { }', '  counter inward { }',
    ...chain('arriving', 'prerouting priority -150', [...open, ...arriving]),
    ...(leaving.length > 0 ? chain('leaving', 'postrouting priority 0', leaving) : []),
    '}',
  ].join('\n')}\n`;
}
