import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { talkToQemu } from './qmp-client.js';

/** The far end of a monitor: what it says first, and what it answers. */
function monitor(answer: (command: { execute: string }) => string, greeting = '{"QMP":{}}\r\n'): Duplex {
  const [ours, far] = duplexPair();
  far.on('error', () => undefined).on('data', (chunk: Buffer) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) far.write(answer(JSON.parse(line) as { execute: string }));
  });
  far.write(greeting);
  return ours;
}
const signal = (): AbortSignal => AbortSignal.timeout(2000);
const ask = (stream: Duplex, limit = signal()) => talkToQemu(stream, limit, (qemu) => qemu.tell({ execute: 'query-status' }));

it('greets, and takes answers apart from events, however they are cut', async () => {
  const stream = monitor(({ execute }) => (execute === 'query-status' ? '{"event":"RESUME"}\r\n{"return":{"status":"running"}}\r\n' : '{"ret' + 'urn":{}}\r\n'));
  expect(await ask(stream)).toEqual({ value: { status: 'running' } });
});
it('gives the words of a refusal', async () => expect(await ask(monitor(({ execute }) => (execute === 'query-status' ? '{"error":{"class":"GenericError","desc":"no"}}\n' : '{"return":{}}\n')))).toEqual({ refusal: 'no' }));
it('does not wait longer than it may', async () => expect(ask(monitor(() => ''), AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'cloud-unavailable' }));
it('is told of a monitor that hangs up, and of one that talks nonsense', async () => {
  const stream = monitor(() => '');
  setImmediate(() => stream.destroy());
  await expect(ask(stream)).rejects.toMatchObject({ code: 'cloud-unavailable' });
  await expect(ask(monitor(() => '', 'hello\n'))).rejects.toMatchObject({ code: 'cloud-unavailable' });
});
