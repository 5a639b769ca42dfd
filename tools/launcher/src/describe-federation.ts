import { userToken } from './configure-services.js';
import type { FederationMember } from './federation-file.js';
import { xmppPort } from './plan-federation.js';
import type { FederationPlan, MemberPlan } from './plan-federation.js';
import type { Secrets } from './secrets.js';

/** The members as scripts and tests need them. */
export function describeMembers(plan: FederationPlan, secrets: Secrets): FederationMember[] {
  return plan.members.map((member) => ({
    id: member.id,
    name: member.letter,
    managerUrl: `http://127.0.0.1:${member.ports.http}`,
    users: [{ name: member.user, token: userToken(secrets, member) }],
    tunnel: {
      host: '127.0.0.1', sshPort: member.ports.tunnelSsh, portsFrom: member.ports.publicFrom, portsTo: member.ports.publicTo,
      httpUrl: `http://127.0.0.1:${member.ports.tunnelHttp}`,
    },
    xmpp: { jid: member.id, host: '127.0.0.1', port: plan.xmpp === 'websocket' ? member.ports.prosody.https : xmppPort(plan, member) },
    cloud: describeCloud(member),
  }));
}

function describeCloud(member: MemberPlan): FederationMember['cloud'] {
  const { plugin } = member.cloud;
  if (plugin === 'cloud-fake') return { plugin, controlUrl: `http://127.0.0.1:${member.ports.fakeCloud}/control` };
  return plugin === 'cloud-local' ? { plugin, directory: member.cloudDirectory } : { plugin };
}
