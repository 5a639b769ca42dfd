import { createFakeCloudState } from './fake-state.js';
import { createInProcessClient } from './in-process-client.js';
import { openJournal } from './journal.js';
import { serveFakeCloud } from './serve-fake-cloud.js';
import { readArguments } from './read-arguments.js';

/** `node main.js --port N [--host 127.0.0.1] [--state FILE] [--knobs JSON]`: prints `listening <url>` when it is ready. */
async function main(): Promise<void> {
  const { port, host, stateFile, knobs } = readArguments(process.argv.slice(2));
  const journal = stateFile === undefined ? undefined : openJournal(stateFile);
  const isFirst = (journal?.past.length ?? 0) === 0;
  const state = createFakeCloudState({
    now: () => new Date(),
    // What was staged before a restart stays staged: the arguments are for the first start.
    knobs: isFirst ? knobs : undefined,
    ...(journal ? { past: journal.past, record: journal.append } : {}),
  });
  journal?.compact(state.snapshot());
  const server = await serveFakeCloud({ state, client: createInProcessClient(state), host, port });
  process.stdout.write(`listening ${server.url}\n`);
  const stop = (): void => {
    void server.close().then(() => journal?.close());
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`The fake cloud cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
