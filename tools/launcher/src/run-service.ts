import { startChildServer } from '@fogbow/embedded-servers';
import type { ChildServer } from '@fogbow/embedded-servers';
import type { ServicePlan } from './configure-services.js';
import { probeHealth } from './probe-health.js';

const READY_TIMEOUT_MS = 30_000;

/** Starts one of our own programs and waits until its health page says ready. */
export function runService(service: ServicePlan, logFile: string, signal: AbortSignal): Promise<ChildServer> {
  return startChildServer({
    name: service.name, command: process.execPath, args: [service.program, ...service.args], logFile, env: serviceEnvironment(process.env),
    ready: () => probeHealth(service.health), readyTimeoutMs: READY_TIMEOUT_MS, signal, stopSignal: 'SIGTERM',
  });
}

/** Settings in the launcher's environment would override the file of every process alike; only these mean the same to all. */
const PASSED_ON = ['FOGBOW_LOG_LEVEL', 'FOGBOW_CRASH_AT'];

export function serviceEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('FOGBOW_') || PASSED_ON.includes(name)));
}
