import type { CloudCall } from './compute-cloud.js';

/** The images that a cloud can start machines from. Rules: docs/contracts/image-catalogue.md. */
export interface ImageCatalogue {
  /** G1: every image that the account may use, once; `name` or `id` may stand in `InstanceRequest.image`. Errors: cloud-unauthorized, cloud-unavailable. */
  list(call: CloudCall): Promise<readonly Image[]>;
}

export interface Image {
  readonly id: string;
  readonly name: string;
  /** Least disk of a machine, GB. */
  readonly minDiskGb?: number;
  /** Least RAM of a machine, MB. */
  readonly minRamMb?: number;
}
