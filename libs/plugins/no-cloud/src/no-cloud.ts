import { DEFAULT_CAPABILITIES, FogbowError } from '@fogbow/plugin-contracts';
import type { CloudPlugin, PluginModule } from '@fogbow/plugin-contracts';
import { NOTHING } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';

/** The sentence that users, operators and other members read. */
const SAYS = 'This member has no cloud of its own; its orders are served by other members.';

const NO_ROOM: Amount = { ...NOTHING, volumes: 0, volumeGb: 0, networks: 0 };
const none = <T>(value: T) => (): Promise<T> => Promise.resolve(value);

const refuse = (): Promise<never> => Promise.reject(new FogbowError('cloud-rejected', SAYS));
const nothing = { find: none(undefined), describe: none(undefined), list: none([]) };
const kept = { ...nothing, create: refuse, remove: none(undefined) };

/**
 * A member that only consumes: nothing is ever made here, there is room for nothing, and everything goes to other members. It can be asked for
 * what it has, and says that there is nothing: so what a worker may have left behind here counts as gone.
 */
export const noCloud: PluginModule<CloudPlugin> = {
  name: 'no-cloud',
  settings: {},
  create: (_settings, host) => ({
    kinds: [],
    identity: { issue: none({ value: 'none' }) },
    compute: {
      capabilities: { ...DEFAULT_CAPABILITIES, atomicCreate: true, bootsUserData: false },
      ...kept,
      quota: none({ limit: NO_ROOM, used: NO_ROOM }),
    },
    volumes: kept,
    networks: kept,
    attachments: { ...nothing, attach: refuse, detach: none(undefined) },
    start() {
      host.log.info(SAYS);
      return Promise.resolve();
    },
    stop: none(undefined),
  }),
};
