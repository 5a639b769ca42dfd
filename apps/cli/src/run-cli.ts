import { CommanderError } from 'commander';
import { CliError, EndWith, EXIT } from './cli-error.js';
import { createProgram } from './create-program.js';
import type { Host } from './host.js';
import { printable } from './render/printable.js';

/** Runs one command line; resolves to the exit status. Every failure becomes a sentence on standard error. */
export async function runCli(words: readonly string[], host: Host): Promise<number> {
  try {
    await createProgram(host).parseAsync([...words], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    return statusOf(error, host);
  }
}

const HELPFUL = ['commander.helpDisplayed', 'commander.version'];

function statusOf(error: unknown, { terminal }: Host): number {
  if (error instanceof EndWith) return error.status;
  // Commander has said what is wrong; help that nobody asked for stands in for a missing command.
  if (error instanceof CommanderError) return HELPFUL.includes(error.code) ? EXIT.ok : EXIT.usage;
  if (error instanceof CliError) {
    terminal.note(`fogbow: ${printable(error.message)}\n${error.advice ? `${printable(error.advice)}\n` : ''}`);
    return error.exitCode;
  }
  terminal.note(`fogbow: this is a fault of the program: ${printable(error instanceof Error ? error.stack ?? error.message : String(error))}\n`);
  return EXIT.refused;
}
