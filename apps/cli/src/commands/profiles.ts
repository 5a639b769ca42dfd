import type { Command } from 'commander';
import { refused } from '../cli-error.js';
import { profileNamed, withoutProfile } from '../config/profile.js';
import type { Profile, Profiles } from '../config/profile.js';
import { openProfileStore } from '../config/profile-store.js';
import type { Host } from '../host.js';
import { renderJson } from '../render/json.js';
import { renderTable } from '../render/table.js';
import { withExamples } from '../with-examples.js';

/** `fogbow profiles list|use|remove`. */
export function profiles(program: Command, host: Host): void {
  const group = program.command('profiles').alias('profile').description('The Managers that you logged in to: list (the default), use, remove.');
  withExamples(group, [['fogbow profiles', 'list them'], ['fogbow profiles use work', 'talk to that one from now on']]);
  const store = openProfileStore(host);
  const list = group.command('list', { isDefault: true }).description('List the profiles; a star marks the current one.')
    .option('--output <format>', 'table or json')
    .action(({ output }: { readonly output?: string }) => {
      const known = store.read();
      host.terminal.write(`${output === 'json' ? renderJson(publicPart(known)) : table(known)}\n`);
    });
  withExamples(list, [['fogbow profiles list --output json', 'for scripts; tokens are never shown']]);
  const use = group.command('use').description('Make a profile the current one.').argument('<profile>', 'its name').action((name: string) => {
    const known = store.read();
    mustHave(known, name);
    store.write({ ...known, current: name });
    host.terminal.write(`Now using ${name}: ${profileNamed(known, name)?.url}\n`);
  });
  withExamples(use, [['fogbow profiles use work', 'FOGBOW_PROFILE or --profile does it for one command']]);
  const remove = group.command('remove').alias('rm').description('Forget a profile.').argument('<profile>', 'its name').action((name: string) => {
    const known = store.read();
    mustHave(known, name);
    store.write(withoutProfile(known, name));
    host.terminal.write(`Forgot ${name}.\n`);
  });
  withExamples(remove, [['fogbow profiles remove work', 'its address and its token']]);
}

function mustHave(all: Profiles, name: string): void {
  const known = Object.keys(all.profiles);
  if (!profileNamed(all, name)) throw refused(`There is no profile "${name}".`, known.length > 0 ? `There are: ${known.join(', ')}` : 'Make one with: fogbow login');
}

interface PublicPart { readonly name: string; readonly url: string; readonly isCurrent: boolean; readonly hasToken: boolean }

function publicPart({ current, profiles: known }: Profiles): PublicPart[] {
  return Object.entries(known).map(([name, profile]: [string, Profile]) => ({ name, url: profile.url, isCurrent: name === current, hasToken: profile.token !== undefined }));
}

function table(known: Profiles): string {
  return renderTable(publicPart(known), [
    { title: '', value: ({ isCurrent }) => (isCurrent ? '*' : ' ') },
    { title: 'PROFILE', value: ({ name }) => name },
    { title: 'MANAGER', value: ({ url }) => url },
    { title: 'TOKEN', value: ({ hasToken }) => (hasToken ? 'yes' : 'no') },
  ], { none: 'There are no profiles. Make one with: fogbow login --url URL' });
}
