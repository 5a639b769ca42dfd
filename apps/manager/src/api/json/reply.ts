import type { Response } from 'express';

export interface Reply {
  readonly status?: number;
  /** Absent: no body. */
  readonly body?: unknown;
  /** A body that is JSON text already. */
  readonly json?: string;
  /** A body that is text of another kind. */
  readonly text?: { readonly mediaType: string; readonly content: string };
  readonly headers?: Readonly<Record<string, string>>;
}

/** A short text goes out in one piece with its headers. A long one would be copied once more for each step on its way, unless it is bytes already. */
const LONG = 4096;

export function sendReply(response: Response, { status = 200, body, json = body === undefined ? undefined : JSON.stringify(body), text, headers = {} }: Reply): void {
  response.statusCode = status;
  for (const name in headers) response.setHeader(name, String(headers[name]));
  if (text) return void response.type(text.mediaType).send(text.content);
  if (json === undefined) return void response.end();
  const content = json.length < LONG ? json : Buffer.from(json);
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(content));
  response.end(content);
}
