import { readFileSync } from 'node:fs';
import { POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { CloudPlugin, OptionalAbilities, PluginModule, PowerAction, SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { createEndpoint } from './endpoint-client.js';
import type { OcciEndpoint } from './endpoint-client.js';
import { createAttachments, createStorageLinks } from './occi-attachments.js';
import { createComputes } from './occi-computes.js';
import { createIdentity, TOKEN_WAYS } from './occi-identity.js';
import type { TokenWay } from './occi-identity.js';
import { createImages } from './occi-images.js';
import { createNetworks } from './occi-networks.js';
import { createPower } from './occi-power.js';
import { createQuota, unlimitedQuota } from './occi-quota.js';
import { createVolumes } from './occi-volumes.js';
import { createThingCalls } from './thing-calls.js';
import type { ThingCalls, ThingOptions } from './thing-calls.js';

const ABILITIES = ['volumes', 'networks', 'attachments', 'power', 'images'] as const satisfies readonly (keyof OptionalAbilities)[];

const settings: SettingsTable = {
  url: { type: 'url', meaning: 'Address of the OCCI endpoint, such as that of another Manager: https://manager.example.org:8183.' },
  caFile: { type: 'path', optional: true, meaning: 'Certificates in PEM that are trusted for the url in place of the usual ones.' },
  tokens: { type: 'string', default: 'given', oneOf: TOKEN_WAYS, meaning: 'Where tokens come from: given in tokenFile, POST /v1/tokens (json) or GET /token (occi) with cloud.credentials.' },
  tokenFile: { type: 'path', optional: true, meaning: 'File with the token; read again when the endpoint refuses the one before.' },
  passwordFile: { type: 'path', optional: true, meaning: 'File with the credential `password`, for tokens that are asked for.' },
  member: { type: 'string', optional: true, meaning: 'Member id whose quota counts; absent: the endpoint itself.' },
  quota: { type: 'string', default: 'member', oneOf: ['member', 'none'], meaning: 'Whether that quota limits what is asked for; none: the endpoint is always asked, since it may find room at its other members, or tells no quota.' },
  image: { type: 'string', optional: true, meaning: 'Image of the endpoint for orders that name none; without it these are refused.' },
  images: { type: 'map', default: {}, meaning: 'Image names of our users → those of the endpoint: a name, or scheme#term. Others stand for themselves.' },
  flavors: { type: 'map', default: {}, meaning: 'Our flavors → those of the endpoint: a name, or scheme#term. Others are asked for by their vCPUs, memory and disk.' },
  lacks: { type: 'list', default: [], meaning: `Abilities that the endpoint does not have, of ${ABILITIES.join(', ')}.` },
  powerActions: { type: 'list', default: [...POWER_ACTIONS], meaning: `What machines can be told, of ${POWER_ACTIONS.join(', ')}.` },
  idempotencyKeys: { type: 'boolean', default: true, meaning: 'Whether the endpoint takes Idempotency-Key, as our Manager does. Without it a thing is looked for by its title before it is asked for.' },
  callTimeout: { type: 'duration', default: '30s', min: 100, meaning: 'How long one request may take.' },
  settleTimeout: { type: 'duration', default: '10s', min: 0, meaning: 'How long a create waits until the endpoint has found a place, and a removal until the thing is gone. What takes longer is watched as any machine is.' },
};

/** Another OCCI endpoint as a cloud. With a Manager as the endpoint, federations nest. */
export const occiCloud: PluginModule<CloudPlugin> = { name: 'cloud-occi', settings, check: faultsOf, create: createCloud };

function faultsOf(values: SettingValues): string[] {
  const unknown = (name: string, known: readonly string[]): string[] => {
    const odd = listOf(values, name).filter((one) => !known.includes(one));
    return odd.length > 0 ? [`${name} knows ${known.join(', ')}, not ${odd.join(', ')}.`] : [];
  };
  const lacks = listOf(values, 'lacks');
  return [
    ...unknown('lacks', ABILITIES), ...unknown('powerActions', POWER_ACTIONS),
    ...(lacks.includes('volumes') && !lacks.includes('attachments') ? ['An endpoint that lacks volumes lacks attachments too; add them to lacks.'] : []),
    ...['images', 'flavors'].flatMap((name) => (Object.values(mapOf(values, name)).every((value) => typeof value === 'string') ? [] : [`${name} must map names to names.`])),
    ...(values['quota'] === 'none' && values['member'] !== undefined ? ['member says whose quota counts, and quota none that none does; drop one of them.'] : []),
  ];
}

const listOf = (values: SettingValues, name: string): readonly string[] => (values[name] ?? []) as readonly string[];
const mapOf = (values: SettingValues, name: string): Readonly<Record<string, string>> => (values[name] ?? {}) as Readonly<Record<string, string>>;
const textOf = (values: SettingValues, name: string): string | undefined => (values[name] === undefined ? undefined : String(values[name]));

function createCloud(values: SettingValues): CloudPlugin {
  const caFile = textOf(values, 'caFile');
  const endpoint = createEndpoint({ url: String(values['url']), timeoutMs: Number(values['callTimeout']), ...(caFile ? { ca: readFileSync(caFile, 'utf8') } : {}) });
  const things = thingsOf(endpoint, values);
  const links = createStorageLinks(things.attachments);
  const lacks = listOf(values, 'lacks');
  const hasLinks = !lacks.includes('attachments');
  const image = textOf(values, 'image');
  const abilities: Required<OptionalAbilities> = {
    volumes: createVolumes({ things: things.volumes, ...(hasLinks ? { links } : {}) }), networks: createNetworks(things.networks), attachments: createAttachments(things.attachments),
    power: createPower(endpoint, listOf(values, 'powerActions') as readonly PowerAction[]), images: createImages(endpoint),
  };
  return {
    identity: createIdentity({ endpoint, way: values['tokens'] as TokenWay, files: secretFiles(values) }),
    compute: createComputes({
      things: things.compute, atomicCreate: values['idempotencyKeys'] === true,
      templates: { images: mapOf(values, 'images'), flavors: mapOf(values, 'flavors'), ...(image ? { image } : {}) },
      quota: values['quota'] === 'none' ? unlimitedQuota : createQuota({ endpoint, member: textOf(values, 'member') }),
      detachAll: (id, call) => (hasLinks ? links.detachAll(id, call) : Promise.resolve(false)),
    }),
    ...Object.fromEntries(ABILITIES.filter((name) => !lacks.includes(name)).map((name) => [name, abilities[name]])),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(endpoint.close()),
  };
}

function thingsOf(endpoint: OcciEndpoint, values: SettingValues): Record<'compute' | 'volumes' | 'networks' | 'attachments', ThingCalls> {
  const shared = { endpoint, idempotencyKeys: values['idempotencyKeys'] === true, settleMs: Number(values['settleTimeout']) };
  const calls = (path: string, term: string, more: Partial<ThingOptions> = {}): ThingCalls => createThingCalls({ ...shared, path, term, ...more });
  return { compute: calls('/compute/', 'compute', { isFiltered: true }), volumes: calls('/storage/', 'storage'), networks: calls('/network/', 'network'), attachments: calls('/storage/link/', 'storagelink') };
}

const secretFiles = (values: SettingValues): Record<string, string> =>
  Object.fromEntries(['token', 'password'].flatMap((name) => (values[`${name}File`] === undefined ? [] : [[name, String(values[`${name}File`])]])));
