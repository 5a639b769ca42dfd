import { findPrograms, installPackage, SetupError } from '@fogbow/embedded-servers';
import type { FederationPlan } from './plan-federation.js';

/** Programs of the machine that the embedded cloud's machines use: they dial their tunnel as a real VM does. */
export function requirePrograms(plan: FederationPlan, install: boolean, say: (line: string) => void): void {
  if (!plan.members.some((member) => member.cloud.plugin === 'cloud-local') || findPrograms('ssh').length > 0) return;
  if (install && installPackage('openssh-client', say) && findPrograms('ssh').length > 0) return;
  throw new SetupError('The program ssh is missing: install the OpenSSH client (Debian and Ubuntu: apt-get install openssh-client).');
}
