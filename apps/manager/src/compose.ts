import type { ServiceContext } from '@fogbow/service-runtime';
import type { Role } from './settings.js';
import { typedValues } from './typed-values.js';
import { startApi } from './compose-api.js';
import { composeCloud } from './compose-cloud.js';
import { startHealth } from './compose-health.js';
import { composeSharing } from './compose-sharing.js';
import { composeFederation, composeOrders, openGround } from './compose-parts.js';
import type { Substitutes } from './compose-parts.js';
import { startFederation, startWorkers } from './compose-workers.js';

/** Wires the Manager, with the compose files beside it and nowhere else: from configuration to running parts, each registered for shutdown. */
export async function composeManager(context: ServiceContext, substitutes: Substitutes = {}): Promise<void> {
  const values = typedValues(context.values);
  const has = (role: Role): boolean => values.roles.includes(role);
  const ground = await openGround(context, values);
  const orders = composeOrders(ground);
  const cloud = await composeCloud(context, ground, orders);
  const sharing = composeSharing(ground, orders);
  const federation = composeFederation(ground, { orders, cloud, sharing }, substitutes);
  if (has('worker')) await startWorkers(context, ground, { orders, cloud, federation, sharing });
  // The users need not wait for an XMPP server that does not answer.
  const firstTry = has('federation') ? startFederation(context, ground, federation) : undefined;
  if (has('api')) await startApi(context, ground, { orders, cloud, federation, sharing });
  else await startHealth(context, ground, federation.link);
  await firstTry;
}
