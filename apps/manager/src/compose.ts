import type { ServiceContext } from '@fogbow/service-runtime';
import type { Role } from './settings.js';
import { typedValues } from './typed-values.js';
import { startApi } from './compose-api.js';
import { composeCloud } from './compose-cloud.js';
import { startHealth } from './compose-health.js';
import { composePower } from './compose-power.js';
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
  const power = composePower(ground, orders);
  const cloud = await composeCloud(context, ground, orders, power);
  const sharing = composeSharing(ground, orders, power);
  const federation = composeFederation(ground, { orders, cloud, sharing }, substitutes);
  if (has('worker')) await startWorkers(context, ground, { orders, cloud, federation, sharing, power });
  // The users need not wait for an XMPP server that does not answer.
  const firstTry = has('federation') ? startFederation(context, federation) : undefined;
  if (has('api')) await startApi(context, ground, { orders, cloud, federation, sharing, power });
  else await startHealth(context, ground, federation.link);
  await firstTry;
}
