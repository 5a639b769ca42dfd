import type { CloudPlugin } from '@fogbow/plugin-contracts';
import type { MachineAccess } from '../access/machine-access.js';
import { createAttachmentDriver } from './attachment-driver.js';
import { createMachineDriver } from './machine-driver.js';
import { createNetworkDriver } from './network-driver.js';
import type { ResourceDrivers } from './resource-driver.js';
import { createVolumeDriver } from './volume-driver.js';

/** A driver for each kind that the cloud has. */
export function createCloudDrivers({ compute, volumes, networks, attachments }: CloudPlugin, access: MachineAccess): ResourceDrivers {
  return {
    compute: createMachineDriver(compute, access),
    ...(volumes ? { storage: createVolumeDriver(volumes) } : {}),
    ...(networks ? { network: createNetworkDriver(networks) } : {}),
    ...(attachments ? { attachment: createAttachmentDriver(attachments) } : {}),
  };
}
