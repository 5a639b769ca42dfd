import type { Argument, Command, Option } from 'commander';

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/** Words that only the Manager or the files here know. */
export type Wanted = 'orders' | 'members' | 'flavors' | 'profiles';

export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly wanted?: Wanted;
}

const NONE: Completion = { candidates: [] };

/** What may stand in the place of the last word. `words` are those after `fogbow`, the one under the cursor included. */
export function findCandidates(program: Command, words: readonly string[]): Completion {
  // bash cuts words at "=": --output = js.
  const whole = words.filter((word, index) => word !== '=' || index === words.length - 1);
  const current = (whole.at(-1) ?? '') === '=' ? '' : whole.at(-1) ?? '';
  const place = walk(program, whole.slice(0, -1));
  if (place.isOver) return NONE;
  const found = place.pending ? valuesOf(place.pending) : current.startsWith('-') ? optionsOf(place.command) : wordsOf(place);
  return { ...found, candidates: found.candidates.filter(({ value }) => value.startsWith(current)) };
}

interface Place {
  readonly command: Command;
  /** Words that are neither commands nor options, at this command. */
  readonly operands: number;
  /** The option whose value comes next. */
  readonly pending?: Option;
  /** Behind `--` nothing is ours. */
  readonly isOver: boolean;
}

function walk(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, operands: 0, isOver: false };
  for (const word of words) {
    if (word === '--') return { ...place, isOver: true };
    if (place.pending) {
      place = { command: place.command, operands: place.operands, isOver: false };
    } else if (word.startsWith('-')) {
      const option = word.includes('=') ? undefined : optionOf(place.command, word);
      if (option?.required) place = { ...place, pending: option };
    } else {
      const next = place.operands === 0 ? place.command.commands.find((one) => one.name() === word || one.aliases().includes(word)) : undefined;
      place = next ? { command: next, operands: 0, isOver: false } : { ...place, operands: place.operands + 1 };
    }
  }
  return place;
}

const optionOf = (command: Command, word: string): Option | undefined => lineage(command).flatMap(({ options }) => options).find(({ long, short }) => long === word || short === word);

/** The command and its ancestors: their options count as well. */
function lineage(command: Command): Command[] {
  return command.parent ? [command, ...lineage(command.parent)] : [command];
}

const OPTION_WORDS: Readonly<Record<string, Wanted>> = { '--profile': 'profiles', '--member': 'members', '--provider': 'members', '--flavor': 'flavors', '--order': 'orders', '--compute': 'orders', '--volume': 'orders', '--network': 'orders', '--id': 'orders' };

function valuesOf(option: Option): Completion {
  const wanted = OPTION_WORDS[option.long ?? ''];
  return { candidates: (option.argChoices ?? []).map((value) => ({ value })), ...(wanted ? { wanted } : {}) };
}

function optionsOf(command: Command): Completion {
  const seen = new Map(lineage(command).flatMap(({ options }) => options).filter(({ hidden, long }) => long && !hidden).map((option) => [option.long as string, option.description]));
  return { candidates: [...seen, ['--help', 'display help for command'] as const].map(([value, about]) => ({ value, about })) };
}

const ARGUMENT_WORDS: Readonly<Record<string, Wanted>> = { order: 'orders', orders: 'orders', member: 'members', profile: 'profiles' };

function wordsOf({ command, operands }: Place): Completion {
  const visible = command.createHelp().visibleCommands(command);
  const subcommands = operands > 0 ? [] : visible.map((one) => ({ value: one.name(), about: one.description() }));
  const wanted: readonly Argument[] = command.registeredArguments.length > 0 ? command.registeredArguments : defaultOf(command)?.registeredArguments ?? [];
  const argument = wanted[operands] ?? (wanted.at(-1)?.variadic ? wanted.at(-1) : undefined);
  const word = argument && ARGUMENT_WORDS[argument.name()];
  return { candidates: [...subcommands, ...(argument?.argChoices ?? []).map((value) => ({ value }))], ...(word ? { wanted: word } : {}) };
}

const defaultOf = (command: Command): Command | undefined => command.commands.find((one) => one.name() === 'list');
