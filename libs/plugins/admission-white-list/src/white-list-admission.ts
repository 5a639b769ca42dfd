import { readFileSync, statSync } from 'node:fs';
import type { MemberAdmission, PluginHost, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { listFaults, listsOf, mayBeAsked, mayBeServed, parseWhiteLists } from './white-lists.js';
import type { WhiteLists } from './white-lists.js';

/** Only members of two lists, one of those we serve and one of those we ask (spec §2.5), in the settings or in a file of their own. */
export const whiteListAdmission: PluginModule<MemberAdmission> = {
  name: 'admission-white-list',
  settings: {
    serve: { type: 'list', optional: true, meaning: 'Ids of the members whose orders are served here.' },
    ask: { type: 'list', optional: true, meaning: 'Ids of the members who are asked to serve our orders.' },
    file: { type: 'path', optional: true, meaning: 'YAML file with the lists `serve` and `ask`, in the place of those here. Read again when it changes.' },
  },
  check(settings) {
    const given = ['serve', 'ask'].filter((name) => settings[name] !== undefined);
    if (settings['file'] !== undefined) return given.length > 0 ? ['Give file, or serve and ask, not both.'] : [];
    if (given.length < 2) return ['Give both lists, serve and ask (empty: nobody), or a file with them.'];
    return given.flatMap((name) => listFaults(name, settings[name] as readonly unknown[]));
  },
  create: (settings, host) => {
    const lists = sourceOf(settings, host);
    return {
      mayBeServed: (member) => Promise.resolve(mayBeServed(lists(), member)),
      mayBeAsked: (member) => Promise.resolve(mayBeAsked(lists(), member)),
    };
  },
};

function sourceOf(settings: SettingValues, host: PluginHost): () => WhiteLists {
  if (settings['file'] !== undefined) return createFreshLists(String(settings['file']), host);
  const lists = listsOf(settings['serve'] as readonly unknown[], settings['ask'] as readonly unknown[]);
  return () => lists;
}

/** The lists as the file says now; a faulty file stops the start, and later leaves the lists that were read before in force. */
function createFreshLists(file: string, host: PluginHost): () => WhiteLists {
  let stamp = stampOf(file);
  let lists = parseWhiteLists(readFileSync(file, 'utf8'));
  return () => {
    const now = stampOf(file);
    if (now === stamp) return lists;
    stamp = now;
    try {
      lists = parseWhiteLists(readFileSync(file, 'utf8'));
      host.log.info('The white lists were read again.', { file, serve: lists.serve.size, ask: lists.ask.size });
    } catch (error) {
      host.log.warn('The white lists cannot be used; those read before stay in force.', { file, fault: (error as Error).message });
    }
    return lists;
  };
}

/** Changes whenever the content may have; empty while the file is away. */
function stampOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.mtimeNs}:${stat.ctimeNs}:${stat.size}:${stat.ino}` : '';
}
