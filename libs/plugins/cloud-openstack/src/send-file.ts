import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { AxiosInstance, AxiosResponse } from 'axios';

export interface FileToSend {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly path: string;
  readonly signal: AbortSignal;
  /** Told with the bytes that were read for it so far. */
  onBytes(sent: number, total: number): void;
}

/** A service that takes nothing for so long will not. */
const STALLED_MS = 120_000;
/** It may put the whole file elsewhere before it answers. */
const ANSWER_MS = 900_000;

/** Sends a file in one request and once only: of a stream that broke nobody knows how much came. */
export async function sendFile(http: AxiosInstance, { url, headers, path, signal, onBytes }: FileToSend): Promise<AxiosResponse<unknown>> {
  const { size } = await stat(path);
  const stop = new AbortController();
  const stalled = (): void => stop.abort(new Error('the service takes nothing more'));
  let timer = setTimeout(stalled, STALLED_MS);
  let sent = 0;
  const file = createReadStream(path, { highWaterMark: 1 << 18 });
  file.on('error', (error) => stop.abort(error));
  file.on('data', (bytes) => {
    timer.refresh();
    onBytes(sent += bytes.length, size);
  });
  file.on('end', () => {
    clearTimeout(timer);
    timer = setTimeout(stalled, ANSWER_MS);
  });
  try {
    return await http.request<unknown>({
      method: 'PUT', url, data: file, timeout: 0, maxBodyLength: Infinity, signal: AbortSignal.any([signal, stop.signal]),
      headers: { ...headers, 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
    });
  } finally {
    clearTimeout(timer);
    file.destroy();
  }
}
