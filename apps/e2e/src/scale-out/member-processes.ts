import type { ApiClient } from '../api-client.js';
import { createApiClient } from '../api-client.js';
import { createProcessControl } from '../crash-safety/process-control.js';
import type { ProcessControl } from '../crash-safety/process-control.js';
import { QUICK } from '../crash-safety/start-world.js';
import type { FederationFile, FederationProcess } from '../federation-file.js';
import { memberOf, processOf } from '../federation-file.js';
import type { Source } from '../events/readers.js';

/** Of a member: processes with an API, and processes that work and may speak to other members. */
export interface MemberProcesses {
  readonly apis: readonly string[];
  readonly workers: readonly string[];
  readonly control: ProcessControl;
  clientOf(api: string): ApiClient;
  /** Streams of events, at this API first and then at the next ones. */
  sourceFrom(api: string): Source;
  /** Whether the process speaks to the other members; undefined when it does not answer. */
  speaks(name: string): Promise<boolean | undefined>;
  /** Calls to the cloud that the process has counted since it started; undefined when it does not answer. */
  cloudCalls(name: string): Promise<number | undefined>;
  stop(): Promise<void>;
}

export interface Size {
  readonly apis: number;
  readonly workers: number;
  /** As many free ports as there are processes begin here. */
  readonly firstPort: number;
}

/** Quick, but for what would ask about hundreds of orders several times a second, and patient enough for processes that share two cores. */
export const STEADY: Readonly<Record<string, string>> = {
  ...QUICK, FOGBOW_WORKER_DEAD_AFTER: '5s', FOGBOW_PERIODS_MONITOR: '5s', FOGBOW_PERIODS_SERVED: '10s', FOGBOW_PLACEMENT_RESEND_AFTER: '5s', FOGBOW_XMPP_TIMEOUT: '10s', FOGBOW_CLOUD_TIMEOUT: '10s', FOGBOW_MEMBERS_LIFE: '20s',
};

/** Processes of the member `name` from the configuration of its only Manager, whose place they take. Nothing runs yet. */
export function createMemberProcesses(file: FederationFile, name: string, { apis, workers, firstPort }: Size): MemberProcesses {
  const known = processOf(file, `manager-${name}`);
  const member = memberOf(file, name);
  const named = (kind: string, count: number): string[] => Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);
  const [apiNames, workerNames] = [named('api', apis), named('worker', workers)];
  const all = [...apiNames, ...workerNames];
  const portOf = (one: string): number => firstPort + all.indexOf(one);
  const urlOf = (one: string): string => `http://127.0.0.1:${portOf(one)}`;
  const processes = all.map((one): FederationProcess => ({ ...known, name: one, pid: 0, logFile: known.logFile.replace(/[^/]+$/, `${one}.log`), healthUrl: `${urlOf(one)}/health/ready` }));
  const control = createProcessControl({
    processes, probes: {},
    environment: (one) => ({
      ...STEADY, FOGBOW_PROCESS_NAME: one,
      ...(apiNames.includes(one) ? { FOGBOW_PROCESS_ROLES: 'api', FOGBOW_HTTP_PORT: String(portOf(one)) } : { FOGBOW_PROCESS_ROLES: 'worker,federation', FOGBOW_HEALTH_PORT: String(portOf(one)) }),
    }),
  });
  const metric = async (one: string, pattern: RegExp): Promise<number | undefined> => {
    try {
      const text = await (await fetch(`${urlOf(one)}/metrics`, { signal: AbortSignal.timeout(3000) })).text();
      return [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
    } catch {
      return undefined;
    }
  };
  return {
    apis: apiNames, workers: workerNames, control,
    clientOf: (api) => createApiClient({ managerUrl: urlOf(api), users: member.users }),
    sourceFrom: (api) => ({ urls: [...apiNames.slice(apiNames.indexOf(api)), ...apiNames.slice(0, apiNames.indexOf(api))].map(urlOf), token: member.users[0]?.token ?? '' }),
    speaks: async (one) => { const value = await metric(one, /^fogbow_federation_speaker\{[^}]*\} (\d)$/gm); return value === undefined ? undefined : value === 1; },
    cloudCalls: (one) => metric(one, /^fogbow_cloud_call_seconds_count\{[^}]*\} (\d+)$/gm),
    stop: () => control.kill(...all),
  };
}
