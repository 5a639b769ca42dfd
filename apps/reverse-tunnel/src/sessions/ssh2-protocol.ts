import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';
import type { PacketMaker } from './packet-padding.js';

/**
 * The part of ssh2 below its streams, which is not documented: messages out, and a table of what happens to messages that come in. ssh2 does key
 * exchange, ciphers and logins; channels of forwarded ports are ours (see session-channels.ts). The version is pinned and the tests of the tunnel
 * run every line of it; another version that lacks something is refused at the first session.
 */
export interface SshProtocol {
  _handlers: MessageHandlers;
  /** Another one after each exchange of keys. */
  readonly _cipher: PacketMaker;
  forwardedTcpip(channel: number, window: number, packetSize: number, addresses: ForwardedAddresses): void;
  channelData(channel: number, data: Buffer): void;
  channelEOF(channel: number): void;
  channelClose(channel: number): void;
  channelFailure(channel: number): void;
  channelWindowAdjust(channel: number, bytes: number): void;
}

export interface ForwardedAddresses {
  readonly boundAddr: string;
  readonly boundPort: number;
  readonly remoteAddr: string;
  readonly remotePort: number;
}

export interface ChannelConfirmation {
  /** Our number of the channel, and the machine's. */
  readonly recipient: number;
  readonly sender: number;
  readonly window: number;
  readonly packetSize: number;
}

/** The second argument of most is our number of the channel. */
export interface MessageHandlers {
  CHANNEL_OPEN(protocol: SshProtocol, info: { readonly type: string }): void;
  CHANNEL_OPEN_CONFIRMATION(protocol: SshProtocol, info: ChannelConfirmation): void;
  CHANNEL_OPEN_FAILURE(protocol: SshProtocol, channel: number, reason: number, description: string): void;
  CHANNEL_DATA(protocol: SshProtocol, channel: number, data: Buffer): void;
  CHANNEL_WINDOW_ADJUST(protocol: SshProtocol, channel: number, bytes: number): void;
  CHANNEL_EOF(protocol: SshProtocol, channel: number): void;
  CHANNEL_CLOSE(protocol: SshProtocol, channel: number): void;
  CHANNEL_REQUEST(protocol: SshProtocol, channel: number, type: string, wantReply: boolean, data: unknown): void;
  GLOBAL_REQUEST(protocol: SshProtocol, name: string, wantReply: boolean, data: unknown): void;
}

const HANDLED = [
  'CHANNEL_OPEN', 'CHANNEL_OPEN_CONFIRMATION', 'CHANNEL_OPEN_FAILURE', 'CHANNEL_DATA', 'CHANNEL_WINDOW_ADJUST', 'CHANNEL_EOF', 'CHANNEL_CLOSE', 'CHANNEL_REQUEST', 'GLOBAL_REQUEST',
] as const;
const SENT = ['forwardedTcpip', 'channelData', 'channelEOF', 'channelClose', 'channelFailure', 'channelWindowAdjust'] as const;

export function protocolOf(client: Connection): SshProtocol {
  const protocol = (client as unknown as { _protocol?: Partial<SshProtocol> })._protocol;
  const missing: string[] = [...SENT.filter((name) => typeof protocol?.[name] !== 'function'), ...HANDLED.filter((name) => typeof protocol?._handlers?.[name] !== 'function')];
  if (typeof protocol?._cipher?.allocPacket !== 'function') missing.push('a cipher');
  if (missing.length > 0) throw new Error(`This version of ssh2 lacks ${missing.join(', ')}.`);
  return protocol as SshProtocol;
}

/** Writes that follow each other sooner than this belong to one turn of the event loop, most likely. */
const SAME_TURN_MS = 0.1;

/**
 * A write that comes alone leaves at once. What follows it within the same turn of the event loop leaves in one call of the system, at the end of the turn: so a question waits for
 * nothing, and a crowd of them does not cost a call each. `now`: milliseconds with fractions.
 */
export function gatherWrites(socket: Pick<Socket, 'cork' | 'uncork'>, now: () => number): () => void {
  let isGathering = false;
  let last = -Infinity;
  const release = (): void => {
    isGathering = false;
    last = -Infinity;
    socket.uncork();
  };
  return () => {
    if (isGathering) return;
    const at = now();
    const isAlone = at - last > SAME_TURN_MS;
    last = at;
    if (isAlone) return;
    isGathering = true;
    socket.cork();
    setImmediate(release);
  };
}
