import type { GivenService } from '@fogbow/queues';
import { FogbowError } from '@fogbow/plugin-contracts';
import { inTurn } from './in-turn.js';
import type { GrantDesk } from './make-grant.js';
import { SERVICE_NAME } from './stored-grant.js';
import type { StoredGrant } from './stored-grant.js';
import { isWebName } from '../web/web-name.js';

export interface ServiceWish {
  readonly name: string;
  readonly kind: 'tcp' | 'http';
}

export interface ServiceLimits {
  /** Services that a machine may add to its grant. */
  readonly mostAdded: number;
  /** False where services by name are not offered. */
  readonly hasWeb: boolean;
}

/**
 * A machine adds a service to its own grant; asked again, the answer is the same. Throws `unsupported-attribute`,
 * `conflict` (the name has another kind), `quota-exceeded` (the machine's limit), `no-valid-host` (no port is free),
 * `unavailable` (Redis is away, nothing has changed) and `not-found` (the grant has ended).
 */
export const addService = (desk: GrantDesk, grantId: string, wish: ServiceWish, limits: ServiceLimits): Promise<GivenService> => inTurn(desk, grantId, async () => {
  const grant = grantOf(desk, grantId);
  const fault = wishFault(wish, limits);
  if (fault) throw new FogbowError('unsupported-attribute', fault);
  const known = grant.services.find(({ name }) => name === wish.name);
  if (known && (known.kind ?? 'tcp') !== wish.kind) throw new FogbowError('conflict', `There is a service ${wish.name} of kind ${known.kind ?? 'tcp'}; remove it first.`);
  if (known) return known;
  const added = grant.services.filter((service) => service.byMachine).length;
  if (added >= limits.mostAdded) throw new FogbowError('quota-exceeded', `A machine may add ${limits.mostAdded} services, and this one has; remove one first.`);
  const most = grant.limits?.services;
  if (most !== undefined && grant.services.length >= most) throw new FogbowError('quota-exceeded', `This grant may have ${most} services.`);
  const given = await desk.ports.allocate(grantId);
  if ('refused' in given) throw new FogbowError('no-valid-host', given.refused);
  const service: GivenService = { name: wish.name, port: given.port, ...(wish.kind === 'http' ? { kind: 'http' } : {}), byMachine: true };
  await keep(desk, { ...grant, services: [...grant.services, service] }).catch((error: unknown) => {
    desk.ports.table.release(given.port, desk.ports.now());
    throw error;
  });
  desk.log.info('service added', { grantId, service: service.name, port: service.port });
  return service;
});

/** A machine removes a service that it added; its users are cut. Throws `not-found`, `forbidden` for a service of the order itself, `unavailable`. */
export const removeService = (desk: GrantDesk, grantId: string, name: string): Promise<GivenService> => inTurn(desk, grantId, async () => {
  const grant = grantOf(desk, grantId);
  const service = grant.services.find((one) => one.name === name);
  if (!service) throw new FogbowError('not-found', `There is no service ${name}.`);
  if (!service.byMachine) throw new FogbowError('forbidden', `The service ${name} belongs to the order itself.`);
  await keep(desk, { ...grant, services: grant.services.filter((one) => one !== service) });
  desk.sessions.closePort(grantId, service.port);
  desk.ports.table.release(service.port, desk.ports.now());
  desk.log.info('service removed', { grantId, service: name, port: service.port });
  return service;
});

/** Tells the Manager which services a grant has now. */
export function announceServices({ post, clock }: Pick<GrantDesk, 'post' | 'clock'>, { id, services }: StoredGrant): void {
  post({ type: 'services-changed', grantId: id, services, at: clock.now().toISOString() });
}

async function keep(desk: GrantDesk, grant: StoredGrant): Promise<void> {
  await desk.store.put(grant);
  // The session that is open may listen for a new one at once.
  desk.sessions.change(grant);
  announceServices(desk, grant);
}

function grantOf({ store }: GrantDesk, id: string): StoredGrant {
  const grant = store.get(id);
  if (!grant) throw new FogbowError('not-found', 'The grant has ended.');
  return grant;
}

function wishFault({ name, kind }: ServiceWish, { hasWeb }: ServiceLimits): string | undefined {
  if (!SERVICE_NAME.test(name)) return 'The name of a service has 1 to 63 letters, digits, dots, dashes and underscores.';
  if (kind === 'tcp') return undefined;
  if (!hasWeb) return 'This tunnel has no web services by name; ask for kind tcp.';
  return isWebName(name) ? undefined : 'The name of a web service has 1 to 25 of a-z, 0-9 and single dashes between them, and is not xn.';
}
