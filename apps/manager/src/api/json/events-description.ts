import type { EndpointDescription } from './endpoint-description.js';

/** Events are answered elsewhere, as a stream or a WebSocket. */
export const EVENTS_DESCRIPTION: EndpointDescription = {
  method: 'get', path: '/v1/events', group: 'events', summary: 'Every move of your orders, as it happens',
  description: 'Server-sent events, or a WebSocket on the same path with the same messages: position, orderId, from, to, event, reason, at, provider, kind.',
  headers: { 'Last-Event-ID': 'The position after which to go on; stronger than the query.' },
  answers: { 200: { meaning: 'A stream that does not end.', mediaType: 'text/event-stream' } },
};
