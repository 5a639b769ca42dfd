import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient } from '../api-client.js';
import type { ApiClient } from '../api-client.js';
import { createHostDoor } from '../partitions/host-door.js';
import { addressOf, PORTS, TWO_HOSTS } from '../two-hosts/layout.js';
import { createMember, loadHostImages, tokenOf } from '../two-hosts/members.js';
import type { Member } from '../two-hosts/members.js';
import { createNetwork } from '../two-hosts/network.js';
import type { Ground } from '../two-hosts/open-lab.js';

/** Member A of the two hosts alone, whose orders wait for others. */
export interface OneMember {
  readonly member: Member;
  /** Its API as we reach it, and what vouches for it. */
  readonly url: string;
  readonly authority: string;
  readonly api: ApiClient;
}

export async function openOneMember({ folder, endings }: Ground): Promise<OneMember> {
  const network = createNetwork(TWO_HOSTS);
  endings.push(() => network.remove());
  await network.make();
  const member = await createMember(network, folder, 'a', undefined);
  for (const engine of Object.values(member.engines)) endings.push(() => engine.dispose());
  for (const [host, kind] of [['int-a', 'internal'], ['ext-a', 'external']] as const) await network.raiseWall(host, join(member.folder, kind, 'nftables.conf'));
  await loadHostImages(member);
  await network.tellNames([join(member.folder, 'dns-records.zone')], folder);
  const door = createHostDoor(network.on('int-a'), process.argv[1] as string);
  endings.push(() => door.close());
  const url = `https://127.0.0.1:${await door.open(PORTS.api, addressOf('int-a'))}`;
  const authority = readFileSync(join(member.folder, 'authority', 'ca.pem'), 'utf8');
  return { member, url, authority, api: createApiClient({ managerUrl: url, users: [] }, tokenOf(member), authority) };
}
