import type { Command } from 'commander';
import { usageError } from '../cli-error.js';

/** The original chose what to do by an option: `fogbow order --get --id X` (spec §6.1). */
export interface VerbFlags {
  readonly get?: boolean;
  readonly create?: boolean;
  readonly delete?: boolean;
  readonly id?: string;
}
export type Verb = 'get' | 'create' | 'delete';

const VERBS = ['get', 'create', 'delete'] as const;

/** Exactly one, out of those that the command has. */
export function verbOf(flags: VerbFlags, command: Command, offered: readonly Verb[] = VERBS): Verb {
  const given = VERBS.filter((verb) => flags[verb]);
  const words = offered.map((verb) => `--${verb}`).join(', ');
  if (given.length === 1 && offered.includes(given[0] as Verb)) return given[0] as Verb;
  throw usageError(given.length > 1 ? `Only one of ${words} at a time.` : `Say what to do: ${words}.`, `See: fogbow ${command.name()} --help`);
}

export function verbOptions(command: Command): Command {
  return command.option('--get', 'list them, or show the one with --id').option('--create', 'make one').option('--delete', 'delete the one with --id, or all of yours').option('--id <id>', 'which one');
}
