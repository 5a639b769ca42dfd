/** One message of a text/event-stream (WHATWG HTML §9.2). */
export interface StreamMessage {
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

export interface EventStreamParser {
  /** The last `id` that ended with a blank line, with data or without: from there a reader goes on after a break. */
  readonly lastId: string | undefined;
  /** Takes the next piece of text, cut anywhere; gives the messages that it completes. */
  push(text: string): StreamMessage[];
}

const LONGEST_MESSAGE = 1_000_000;

export function createEventStreamParser(): EventStreamParser {
  let rest = '';
  let lastId: string | undefined;
  let fields: { id?: string; event?: string; data: string[] } = { data: [] };
  const takeLine = (line: string): StreamMessage | undefined => {
    if (line === '') {
      const { id, event, data } = fields;
      fields = { data: [] };
      lastId = id ?? lastId;
      return data.length === 0 ? undefined : { ...(id === undefined ? {} : { id }), event: event ?? 'message', data: data.join('\n') };
    }
    const [, name, value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
    if (name === 'data') fields.data.push(value);
    else if (name === 'id' || name === 'event') fields[name] = value;
    return undefined;
  };
  return {
    get lastId() { return lastId; },
    push(text) {
      // A carriage return at the end may be the first half of a line's end.
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_MESSAGE) throw new Error('The server sent an endless line.');
      return lines.flatMap((line) => takeLine(line) ?? []);
    },
  };
}
