import type { MemberId } from '@fogbow/request-model';

/** The settings of the plugin as its parts use them. */
export interface OpenStackOptions {
  /** Its mark is in the names of all that is made. */
  readonly memberId: MemberId;
  /** Name or id of the network of every machine. */
  readonly network: string;
  /** Name or id; of orders that name no image. */
  readonly image?: string | undefined;
  readonly securityGroups: readonly string[];
  readonly availabilityZone?: string | undefined;
  /** Where machines get a floating address instead of a tunnel. */
  readonly floatingNetwork?: string | undefined;
  /** The account of users on machines with such an address. */
  readonly sshUsername: string;
  /** Where routers of private networks lead to. */
  readonly externalNetwork?: string | undefined;
  readonly dnsServers: readonly string[];
  readonly hasVolumes: boolean;
  now(): Date;
}
