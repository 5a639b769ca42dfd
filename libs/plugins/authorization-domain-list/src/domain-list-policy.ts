import type { AuthorizationPolicy, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { isMemberId } from '@fogbow/request-model';

/** Only users whose id ends with `@` and one of these domains, such as an eduPersonPrincipalName (spec §2.5, EduPersonWhitelist). */
export const domainListPolicy: PluginModule<AuthorizationPolicy> = {
  name: 'authorization-domain-list',
  settings: { domains: { type: 'list', meaning: 'Domains such as uni.example: users whose id is name@domain of one of them may do everything with what is theirs. A domain does not stand for those below it.' } },
  check: (settings) => domainsOf(settings).filter((domain) => !isMemberId(domain)).map((domain) => `domains: ${domain} is not the name of a domain.`),
  create: (settings) => createDomainListPolicy(domainsOf(settings)),
};

// Names of domains do not differ by case (RFC 4343).
const domainsOf = (settings: SettingValues): string[] => (settings['domains'] as readonly unknown[]).map((domain) => String(domain).toLowerCase());

export function createDomainListPolicy(domains: readonly string[]): AuthorizationPolicy {
  const known = new Set(domains);
  return {
    decide({ id }) {
      const domain = domainOf(id);
      if (domain === undefined) return Promise.resolve({ allowed: false, reason: 'Only users with an id of the form name@domain are served here.' });
      return Promise.resolve(known.has(domain) ? { allowed: true } : { allowed: false, reason: 'Users of your domain are not served here; ask the operator of this member.' });
    },
  };
}

/** What follows the last `@`; undefined where the name or the domain is empty. */
export function domainOf(userId: string): string | undefined {
  const at = userId.lastIndexOf('@');
  return at > 0 && at < userId.length - 1 ? userId.slice(at + 1).toLowerCase() : undefined;
}
