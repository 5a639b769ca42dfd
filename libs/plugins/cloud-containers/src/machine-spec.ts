import { FogbowError } from '@fogbow/plugin-contracts';
import type { InstanceRequest, NetworkAddress } from '@fogbow/plugin-contracts';
import { ENTRY_POINT, bootScript, bootVariables } from './boot-script.js';
import type { MachineOptions } from './containers-options.js';
import { FIELD, ownLabels, sizeLabels } from './labels.js';
import type { Ownership } from './labels.js';

/** What sshd needs of root's rights to let users in and become them. Nothing more can be had: see no-new-privileges. */
const CAPABILITIES = ['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'NET_BIND_SERVICE', 'SETGID', 'SETUID', 'SYS_CHROOT'];
const MB = 2 ** 20;

/**
 * Of a machine that its user has not stopped: it comes back when it ends and when the engine starts. The other value is `no`. Not `unless-stopped`:
 * an engine that was killed takes the containers that it finds for stopped by somebody.
 */
export const RUNNING_POLICY = 'always';

/** The reference of the image that was asked for by name or by reference. Throws cloud-rejected. */
export function imageFor({ images, image }: MachineOptions, wanted: string | undefined): string {
  const name = wanted ?? image;
  const reference = images[name] ?? Object.values(images).find((one) => one === name);
  if (reference === undefined) throw new FogbowError('cloud-rejected', `This cloud has no image ${name}; it has ${Object.keys(images).join(', ')}.`);
  return reference;
}

/** Body of the engine's `POST /containers/create`. */
export function machineSpec(own: Ownership, options: MachineOptions, request: InstanceRequest, addresses: readonly NetworkAddress[]): object {
  const { size, clientToken } = request;
  return {
    Image: imageFor(options, request.image),
    Hostname: clientToken,
    Entrypoint: ENTRY_POINT,
    Cmd: [],
    Env: bootVariables(bootScript(request.userData, options.sshUsername)),
    User: '0:0',
    Labels: { ...ownLabels(own, clientToken), ...sizeLabels(size), [FIELD.addresses]: JSON.stringify(addresses) },
    HostConfig: {
      NanoCpus: Math.round(size.vcpu * 1e9),
      Memory: size.ramMb * MB,
      MemorySwap: size.ramMb * MB,
      PidsLimit: options.pids,
      CapDrop: ['ALL'],
      CapAdd: CAPABILITIES,
      SecurityOpt: ['no-new-privileges'],
      Privileged: false,
      ReadonlyRootfs: false,
      NetworkMode: options.network,
      RestartPolicy: { Name: RUNNING_POLICY },
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '2' } },
      ...(options.diskQuota ? { StorageOpt: { size: `${size.diskGb}G` } } : {}),
    },
  };
}
