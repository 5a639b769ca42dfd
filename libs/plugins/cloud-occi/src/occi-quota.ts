import { AMOUNT_DIMENSIONS, NOTHING } from '@fogbow/request-model';
import type { Amount, Quota } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall } from '@fogbow/plugin-contracts';
import type { OcciEndpoint } from './endpoint-client.js';
import { isRecord, parseJson } from './occi-resource.js';
import { hasCode } from './thing-calls.js';

export interface QuotaOptions {
  readonly endpoint: OcciEndpoint;
  /** The member whose quota is ours to use; absent: the first that the endpoint names, itself. */
  readonly member?: string | undefined;
}

/** Which of its faces a Manager tells its quota by: JSON knows volumes and networks; originals know the nine lines of OCCI only. */
type Face = (options: QuotaOptions, call: CloudCall) => Promise<Quota>;

export function createQuota(options: QuotaOptions): (call: CloudCall) => Promise<Quota> {
  let face: Face = askInJson;
  return async (call) => await face(options, call).catch(async (error: unknown) => {
    if (face !== askInJson || !hasCode(error, 'not-found', 'cloud-rejected')) throw error;
    const quota = await askInOcci(options, call);
    face = askInOcci;
    return quota;
  });
}

/** Where nobody counts, or the endpoint finds room elsewhere. */
export const unlimitedQuota = (): Promise<Quota> => Promise.resolve({ limit: { instances: Infinity, vcpu: Infinity, ramMb: Infinity }, used: NOTHING });

const ask = async ({ endpoint }: QuotaOptions, { token, signal }: CloudCall, path: string, headers: Record<string, string>): Promise<string> =>
  (await endpoint.ask({ method: 'GET', path, token: token.value, signal, headers })).text;

const unreadable = (what: string): never => { throw new FogbowError('cloud-unavailable', `The OCCI endpoint does not tell ${what} in words that we know; set cloud.settings.quota to none.`); };

async function askInJson(options: QuotaOptions, call: CloudCall): Promise<Quota> {
  const json = { Accept: 'application/json' };
  const member = options.member ?? firstMember(parseJson(await ask(options, call, '/v1/members', json)));
  const quota = parseJson(await ask(options, call, `/v1/members/${encodeURIComponent(member)}/quota`, json));
  if (!isRecord(quota) || !isRecord(quota['limit']) || !isRecord(quota['used'])) return unreadable('its quota');
  return { limit: amountOf(quota['limit'], Infinity), used: amountOf(quota['used'], 0) };
}

function firstMember(answer: unknown): string {
  const [first] = isRecord(answer) && Array.isArray(answer['members']) ? answer['members'].filter(isRecord) : [];
  return typeof first?.['id'] === 'string' ? first['id'] : unreadable('who it is');
}

/** Null in a limit: there is none. */
function amountOf(counts: Readonly<Record<string, unknown>>, otherwise: number): Amount {
  const known = AMOUNT_DIMENSIONS.filter((name) => counts[name] !== undefined);
  return { ...NOTHING, ...Object.fromEntries(known.map((name) => [name, typeof counts[name] === 'number' ? counts[name] : otherwise])) };
}

/** What stands for "no limit" there. */
const NO_LIMIT = 2_147_483_647;

async function askInOcci(options: QuotaOptions, call: CloudCall): Promise<Quota> {
  const text = { Accept: 'text/plain', 'Content-Type': 'text/occi' };
  const member = options.member ?? (await ask(options, call, '/member', text)).split('\n')[0]?.trim() ?? '';
  const lines = await ask(options, call, `/member/${encodeURIComponent(member)}/quota`, text);
  const count = (name: string): number => {
    const value = Number(new RegExp(`^X-OCCI-Attribute: ${name}=(-?\\d+)$`, 'm').exec(lines)?.[1] ?? unreadable('its quota'));
    return value >= NO_LIMIT || value < 0 ? Infinity : value;
  };
  const amount = (suffix: string): Amount => ({ instances: count(`instances${suffix}`), vcpu: count(`cpu${suffix}`), ramMb: count(`mem${suffix}`) });
  return { limit: amount('Quota'), used: amount('InUse') };
}
