import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';
import { CarriedConnection, FIRST_WINDOW, PACKET } from './carried-connection.js';
import type { Carrier } from './carried-connection.js';
import { quickenPadding } from './packet-padding.js';
import { gatherWrites, protocolOf } from './ssh2-protocol.js';
import type { MessageHandlers, SshProtocol } from './ssh2-protocol.js';

export interface ForwardedAddress {
  /** Address and port as the machine asked for them: its client recognises the forward by both. */
  readonly boundAddress: string;
  readonly port: number;
}

/** The users' connections that one session carries. */
export interface SessionChannels {
  carry(socket: Socket, to: ForwardedAddress): void;
  /** Those included that the machine has not confirmed or not let go of. */
  count(): number;
}

export interface SessionChannelsOptions {
  readonly client: Connection;
  /** The machine's. */
  readonly socket: Socket;
  /** Milliseconds to wait after so many bytes, 0 for none; see Carrier. */
  readonly spend: Carrier['spend'];
  /** A connection on which nobody says anything for so long (ms) is closed; 0: never. */
  readonly idleMs: number;
  /** Milliseconds of a clock that never jumps. */
  readonly now: () => number;
  /** The machine asked for a channel of its own, which there is none of; or for something else that nobody serves. */
  readonly onAsked: (what: string) => void;
  readonly onMisbehaviour: (what: string) => void;
}

/** Our numbers of channels begin where those of ssh2, which has the probes, never come. */
const FIRST_ID = 0x4000_0000;
const OPEN_MS = 15_000;
const KEEPALIVE_MS = 60_000;
/** So much may be written and not be sent before users wait. */
const CONGESTED = 512 * 1024;
/** So much only comes together when the machine asks and asks and never reads an answer: then it is not heard either. */
const FLOODED = 4 * 1024 * 1024;

/** Takes the channels of a session out of ssh2's hands, whose own are four streams each and know no back-pressure of the SSH connection. */
export function createSessionChannels({ client, socket: machine, spend, idleMs, now, onAsked, onMisbehaviour }: SessionChannelsOptions): SessionChannels {
  const protocol = protocolOf(client);
  quickenPadding(protocol._cipher);
  const channels: (CarriedConnection | undefined)[] = [];
  const free: number[] = [];
  let haveWaited = false;
  const carrier: Carrier = {
    protocol, spend, gather: gatherWrites(machine, now), misbehaves: onMisbehaviour,
    isCongested() {
      const isNow = machine.writableLength > CONGESTED;
      haveWaited ||= isNow;
      return isNow;
    },
    gone: (id) => { channels[id - FIRST_ID] = undefined; free.push(id); },
  };
  takeMessages(protocol, (id) => channels[id - FIRST_ID], onAsked);
  machine.on('data', () => { if (machine.writableLength > FLOODED) machine.pause(); });
  machine.on('drain', () => {
    machine.resume();
    if (!haveWaited) return;
    haveWaited = false;
    for (const channel of channels) channel?.goOn();
  });
  machine.on('close', () => { for (const channel of channels.splice(0)) channel?.cutOff(); });
  return {
    count: () => channels.length - free.length,
    carry(socket, { boundAddress, port }) {
      if (machine.destroyed) return void socket.destroy();
      socket.setKeepAlive(true, KEEPALIVE_MS);
      const id = free.pop() ?? FIRST_ID + channels.length;
      const connection = new CarriedConnection(carrier, id, socket, idleMs);
      channels[id - FIRST_ID] = connection;
      socket.setTimeout(OPEN_MS, () => socket.destroy());
      carrier.gather();
      protocol.forwardedTcpip(id, FIRST_WINDOW, PACKET, { boundAddr: boundAddress, boundPort: port, remoteAddr: socket.remoteAddress ?? '0.0.0.0', remotePort: socket.remotePort ?? 0 });
    },
  };
}

function takeMessages(protocol: SshProtocol, find: (id: number) => CarriedConnection | undefined, onAsked: (what: string) => void): void {
  const theirs = protocol._handlers;
  const ours: MessageHandlers = {
    CHANNEL_OPEN(self, info) {
      theirs.CHANNEL_OPEN(self, info);
      onAsked(info.type);
    },
    CHANNEL_OPEN_CONFIRMATION(self, info) {
      const channel = find(info.recipient);
      if (channel) channel.confirmed(info);
      else theirs.CHANNEL_OPEN_CONFIRMATION(self, info);
    },
    CHANNEL_OPEN_FAILURE(self, id, reason, description) {
      const channel = find(id);
      if (channel) channel.refused();
      else theirs.CHANNEL_OPEN_FAILURE(self, id, reason, description);
    },
    CHANNEL_DATA(self, id, data) {
      const channel = find(id);
      if (channel) channel.fromMachine(data);
      else theirs.CHANNEL_DATA(self, id, data);
    },
    CHANNEL_WINDOW_ADJUST(self, id, bytes) {
      const channel = find(id);
      if (channel) channel.windowGrown(bytes);
      else theirs.CHANNEL_WINDOW_ADJUST(self, id, bytes);
    },
    CHANNEL_EOF(self, id) {
      const channel = find(id);
      if (channel) channel.machineEof();
      else theirs.CHANNEL_EOF(self, id);
    },
    CHANNEL_CLOSE(self, id) {
      const channel = find(id);
      if (channel) channel.machineClosed();
      else theirs.CHANNEL_CLOSE(self, id);
    },
    CHANNEL_REQUEST(self, id, type, wantReply, data) {
      onAsked(type);
      theirs.CHANNEL_REQUEST(self, id, type, wantReply, data);
    },
    GLOBAL_REQUEST(self, name, wantReply, data) {
      if (!FORWARDING.has(name)) onAsked(name);
      theirs.GLOBAL_REQUEST(self, name, wantReply, data);
    },
  };
  protocol._handlers = { ...theirs, ...ours };
}

/** Asked and answered in session.ts, or of no harm. */
const FORWARDING = new Set(['tcpip-forward', 'cancel-tcpip-forward', 'keepalive@openssh.com', 'no-more-sessions@openssh.com', 'hostkeys-00@openssh.com', 'hostkeys-prove-00@openssh.com']);
