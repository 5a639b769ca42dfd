import { isIP } from 'node:net';
import { isMemberId } from '@fogbow/request-model';
import type { Answers } from './answers.js';
import { isWildcard, namesOf } from './answers.js';

const DOMAIN = /^(?=.{3,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const USER = /^[a-z0-9][a-z0-9._@-]{0,63}$/i;

/** Every fault of the answers, each a whole sentence. */
export function answerFaults(answers: Answers): string[] {
  const { domain, rendezvous, publicPorts, user, owner } = answers;
  const addresses = [['internal address', answers.internalAddress], ['public address', answers.publicAddress], ['inside address', answers.insideAddress], ['public bind address', answers.publicBind]] as const;
  return [
    ...(DOMAIN.test(domain) ? [] : [`The domain ${JSON.stringify(domain)} is none in lower case, such as example.org.`]),
    ...addresses.filter(([, address]) => isIP(address) === 0).map(([what, address]) => `The ${what} ${JSON.stringify(address)} is no IP address.`),
    ...(isWildcard(answers.insideAddress) ? ['The inside address is what the internal host dials: it must be one address of the external host.'] : []),
    ...(isIP(answers.insideAddress) !== isIP(answers.internalAddress) ? ['The internal and the inside address must both be of IPv4 or both of IPv6: one host dials the other.'] : []),
    ...(rendezvous === 'own' || isMemberId(rendezvous) ? [] : [`The Rendezvous ${JSON.stringify(rendezvous)} is neither "own" nor an address such as rendezvous.example.org.`]),
    ...(rendezvous === namesOf(answers).rendezvous ? ['The Rendezvous of this name is one\'s own: say "own".'] : []),
    ...(USER.test(user) ? [] : [`The user ${JSON.stringify(user)} is no id such as alice.`]),
    ...([publicPorts.from, publicPorts.to].every((port) => Number.isInteger(port) && port >= 1024 && port <= 65535) && publicPorts.from <= publicPorts.to ? [] : ['The public ports must be two numbers of 1024 to 65535, the smaller one first.']),
    ...([owner.uid, owner.gid].every((number) => Number.isInteger(number) && number > 0) ? [] : ['The owner must be two numbers above 0, UID:GID: nothing here runs as root.']),
    ...(/^[a-z0-9@/._-]+$/.test(answers.cloud.plugin) ? [] : ['The cloud must be the name of a plugin, such as cloud-openstack.']),
  ];
}
