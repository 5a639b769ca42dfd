import type { Response } from 'express';
import type { Outlet } from '../../events/follow-orders.js';

/** How long a goodbye may take to be taken before the connection is cut. */
const GOODBYE_MS = 5000;
/** A browser that lost us comes back after so long. */
const RETRY_MS = 1000;

/** Server-sent events: `id` is the position, `event: order` carries a notice, `event: bye` says from where to resume. */
export function openSseOutlet(response: Response, position: number): Outlet {
  const gone = new AbortController();
  response.once('close', () => gone.abort()).on('error', () => gone.abort());
  if (response.socket?.destroyed !== false) gone.abort();
  // How long a reader may be silent is decided by who writes to it.
  response.socket?.setTimeout(0);
  response.status(200).set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', Connection: 'close', 'X-Accel-Buffering': 'no', 'Fogbow-Position': String(position) });
  // An id without data: a browser that is cut before the first event resumes from here.
  response.write(`retry: ${RETRY_MS}\nid: ${position}\n\n`);
  return {
    gone: gone.signal,
    send: (notices) => new Promise((resolve, reject) => {
      const text = notices.map((notice) => `id: ${notice.position}\nevent: order\ndata: ${JSON.stringify(notice)}\n\n`).join('');
      response.write(text, (error) => (error ? reject(error) : resolve()));
    }),
    beat: (at) => void response.write(`: still here\nid: ${at}\n\n`),
    end(reason, resumeAfter) {
      const cut = setTimeout(() => response.destroy(), GOODBYE_MS).unref();
      response.once('close', () => clearTimeout(cut));
      response.end(`id: ${resumeAfter}\nevent: bye\ndata: ${JSON.stringify({ reason, resumeAfter })}\n\n`);
    },
  };
}
