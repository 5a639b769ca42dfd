import { IMAGE_SETTINGS, readImageSettings } from '@fogbow/image-files';
import { createKeyedTurns } from '@fogbow/plugin-contracts';
import type { CloudPlugin, PluginHost, PluginLog, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { createCinderReader, createCinderVolumes } from './cinder-volumes.js';
import { createGlanceImages } from './glance-images.js';
import { createGlanceUploads } from './glance-uploads.js';
import type { GlanceUploads } from './glance-uploads.js';
import { imageNameFaults, imageNamesOf } from './image-names.js';
import { createKeystoneIdentity } from './keystone-identity.js';
import { createNeutronNames } from './neutron-names.js';
import { createNeutronNetworks } from './neutron-networks.js';
import { createNeutronPorts } from './neutron-ports.js';
import { createNovaAttachments } from './nova-attachments.js';
import { createNovaCompute } from './nova-compute.js';
import { createNovaFlavors } from './nova-flavors.js';
import { createNovaPower } from './nova-power.js';
import { createOpenStackHttp } from './openstack-http.js';
import type { OpenStackHttp } from './openstack-http.js';
import type { OpenStackOptions } from './openstack-options.js';
import { createOpenStackQuota } from './openstack-quota.js';

/** Nova since Pike: servers show their flavor, `networks` is always said. */
const MICROVERSION = '2.53';

/** A project of an OpenStack: Keystone, Nova, Glance, Neutron, and Cinder where there is one. */
export const openstackCloud: PluginModule<CloudPlugin> = {
  name: 'cloud-openstack',
  settings: {
    authUrl: { type: 'url', meaning: 'Address of Keystone, with its version: https://cloud.example.org:5000/v3.' },
    region: { type: 'string', optional: true, meaning: 'Region of the catalogue; absent: the first that it names.' },
    interface: { type: 'string', default: 'public', oneOf: ['public', 'internal', 'admin'], meaning: 'Which endpoints of the catalogue are asked.' },
    network: { type: 'string', meaning: 'Name or id of the network on which every machine gets an address; the Reverse Tunnel must be reached from it.' },
    image: { type: 'string', optional: true, meaning: 'Name or id of the image for orders that name none; absent: such orders are refused.' },
    securityGroups: { type: 'list', optional: true, meaning: 'Names of the security groups of machines; absent: the default of the project.' },
    availabilityZone: { type: 'string', optional: true, meaning: 'Where Nova makes machines; absent: Nova chooses.' },
    floatingNetwork: { type: 'string', optional: true, meaning: 'Name or id of the external network from which every machine gets a floating address, in the place of a tunnel; absent: none does.' },
    sshUsername: { type: 'string', default: 'fogbow', meaning: 'Account that the key of a machine’s owner opens where it has a floating address; cloud-init makes it.' },
    externalNetwork: { type: 'string', optional: true, meaning: 'Name or id of the external network to which the routers of private networks lead; absent: private networks have no router.' },
    dnsServers: { type: 'list', optional: true, meaning: 'Name servers that machines of private networks are told; absent: those of Neutron.' },
    volumes: { type: 'boolean', default: true, meaning: 'Whether the cloud has Cinder; without it there are no volumes and no attachments.' },
    images: { type: 'map', default: {}, meaning: 'Images by names for users: name → { named } of one that is called so in Glance or has that id, or { url or file, sha256 or sha512 } of one that is fetched and uploaded for the first order that names it. Those of Glance have their own names too.' },
    ...IMAGE_SETTINGS,
    requestTimeout: { type: 'duration', default: '20s', min: 1, meaning: 'How long OpenStack may take for one answer; a call of ours may need several.' },
  },
  check: imageNameFaults,
  create(values, host) {
    const options = optionsOf(values, host);
    const { named, given: sources } = imageNamesOf(values);
    const given = readImageSettings(sources, values);
    const http = createOpenStackHttp({
      authUrl: String(values['authUrl']), endpoints: { region: optionalText(values, 'region'), interface: String(values['interface'] ?? 'public') },
      timeoutMs: Number(values['requestTimeout'] ?? 20_000), microversion: MICROVERSION, now: () => host.now(),
    });
    const uploads = given && createGlanceUploads({ ...given, host }, http);
    return {
      identity: createKeystoneIdentity(http),
      ...servicesOf(options, { http, uploads, named, log: host.log }),
      start: () => Promise.resolve(),
      async stop() {
        await uploads?.close();
        http.close();
      },
    };
  },
};

interface Parts {
  readonly http: OpenStackHttp;
  readonly uploads: GlanceUploads | undefined;
  readonly named: ReadonlyMap<string, string>;
  readonly log: PluginLog;
}

function servicesOf(options: OpenStackOptions, { http, uploads, named, log }: Parts): Omit<CloudPlugin, 'identity' | 'start' | 'stop'> {
  const now = (): Date => options.now();
  const [turns, images, names] = [createKeyedTurns(), createGlanceImages({ http, now, uploads, named }), createNeutronNames(http, now)];
  const compute = createNovaCompute(options, {
    http, images, names, turns, log, flavors: createNovaFlavors(http, now), ports: createNeutronPorts(http), quota: createOpenStackQuota(http, options),
  });
  const reader = createCinderReader(http);
  return {
    compute, images,
    networks: createNeutronNetworks(options, { http, names, turns, hasMachine: async (token, call) => await compute.find(token, call) !== undefined }),
    power: createNovaPower(http),
    ...(options.hasVolumes ? { volumes: createCinderVolumes(http, reader, turns), attachments: createNovaAttachments(http, reader, turns) } : {}),
  };
}

function optionsOf(values: SettingValues, host: PluginHost): OpenStackOptions {
  const texts = (name: string): readonly string[] => (values[name] as readonly string[] | undefined) ?? [];
  return {
    network: String(values['network']), image: optionalText(values, 'image'), availabilityZone: optionalText(values, 'availabilityZone'),
    floatingNetwork: optionalText(values, 'floatingNetwork'), sshUsername: String(values['sshUsername'] ?? 'fogbow'), externalNetwork: optionalText(values, 'externalNetwork'),
    securityGroups: texts('securityGroups'), dnsServers: texts('dnsServers'), hasVolumes: values['volumes'] !== false, memberId: host.memberId, now: () => host.now(),
  };
}

const optionalText = (values: SettingValues, name: string): string | undefined => (values[name] === undefined ? undefined : String(values[name]));
