import { Argument } from 'commander';
import type { Command } from 'commander';
import { createHttpConnection } from '../api/http-connection.js';
import { createManagerClient } from '../api/manager-client.js';
import { findCandidates } from '../completion/find-candidates.js';
import type { Candidate, Wanted } from '../completion/find-candidates.js';
import { completionScript, SHELLS } from '../completion/shell-scripts.js';
import type { Shell } from '../completion/shell-scripts.js';
import { openProfileStore } from '../config/profile-store.js';
import type { Host } from '../host.js';
import { printable } from '../render/printable.js';
import { connectionOf } from '../session.js';
import { withExamples } from '../with-examples.js';

/** `fogbow completion SHELL`, and the hidden command that the scripts ask. */
export function completion(program: Command, host: Host): void {
  const command = program.command('completion').description('Print a script that completes commands, options and ids in your shell.').addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((shell: Shell) => host.terminal.write(completionScript(shell)));
  withExamples(command, [
    ['eval "$(fogbow completion bash)"', 'in ~/.bashrc'],
    ['eval "$(fogbow completion zsh)"', 'in ~/.zshrc, behind compinit'],
    ['fogbow completion fish > ~/.config/fish/completions/fogbow.fish', 'once'],
  ]);
  program.command('__complete', { hidden: true }).argument('[words...]').allowUnknownOption().action(async (words: string[]) => {
    const { candidates, wanted } = findCandidates(program, words);
    const current = words.at(-1) ?? '';
    const more = wanted ? (await known(host, wanted).catch(() => [])).filter(({ value }) => PLAIN.test(value) && value.startsWith(current)) : [];
    const lines = [...candidates, ...more].map(({ value, about }) => `${printable(value)}${about ? `\t${printable(about)}` : ''}\n`);
    host.terminal.write(lines.join(''));
  });
}

/** bash puts a word into the command line as it is: what a server says must be nothing that a shell reads. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** Nobody waits long for a completion. */
const TIMEOUT_MS = 2000;
const MOST = 200;

async function known(host: Host, wanted: Wanted): Promise<Candidate[]> {
  if (wanted === 'profiles') return Object.entries(openProfileStore(host).read().profiles).map(([value, { url }]) => ({ value, about: url }));
  const { url, token } = connectionOf(host, {});
  const client = createManagerClient(createHttpConnection({ url, timeoutMs: TIMEOUT_MS, signal: host.signal, ...(token ? { token } : {}) }));
  if (wanted === 'members') return (await client.federation.members()).map(({ id }) => ({ value: id }));
  if (wanted === 'flavors') return (await client.federation.flavors()).map(({ name, vcpu, ramMb }) => ({ value: name, about: `${vcpu ?? '?'} vCPU, ${ramMb ?? '?'} MB` }));
  return (await client.orders.list({}, MOST)).map(({ id, kind, state, title }) => ({ value: id, about: [kind, state, title].filter(Boolean).join(' ') }));
}
