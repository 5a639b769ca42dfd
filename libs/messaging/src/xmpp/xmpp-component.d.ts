/** What we use of @xmpp/component 0.13, which has no types of its own. */
declare module '@xmpp/component' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  /** Reads the stream for a Component: emits start(header), element(child), end. */
  interface ComponentParser extends EventEmitter {
    write(text: string): void;
  }

  interface Component extends EventEmitter {
    /** Milliseconds for each step of the handshake. */
    timeout: number;
    Socket: new () => Socket;
    Parser: new () => ComponentParser;
    readonly reconnect: { stop(): void };
    connect(service: string): Promise<void>;
    open(options: { domain: string }): Promise<unknown>;
    write(text: string): Promise<void>;
    /** Connect and open in one, and the end of it; for tools only. */
    start(): Promise<unknown>;
    stop(): Promise<unknown>;
  }

  function component(options: { service: string; domain: string; password: string }): Component;
  function xml(name: string, attributes?: Record<string, string>): unknown;
}
