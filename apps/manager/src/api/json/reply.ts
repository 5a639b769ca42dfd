import type { Response } from 'express';

export interface Reply {
  readonly status?: number;
  /** Absent: no body. */
  readonly body?: unknown;
  /** A body that is text already. */
  readonly text?: { readonly mediaType: string; readonly content: string };
  readonly headers?: Readonly<Record<string, string>>;
}

export function sendReply(response: Response, { status = 200, body, text, headers = {} }: Reply): void {
  response.status(status).set(headers);
  if (text) response.type(text.mediaType).send(text.content);
  else if (body === undefined) response.end();
  else response.json(body);
}
