import type { Command } from 'commander';

/** Examples at the end of a command's help: what to type, and what it does. */
export function withExamples(command: Command, examples: readonly (readonly [string, string])[]): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const wide = width > 60;
  const text = examples.map(([line, meaning]) => (wide ? `  # ${meaning}\n  ${line}` : `  ${line.padEnd(width)}  # ${meaning}`)).join('\n');
  return command.addHelpText('after', `\nExamples:\n${text}`);
}
