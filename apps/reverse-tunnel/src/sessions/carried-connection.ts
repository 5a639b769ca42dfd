import type { Socket } from 'node:net';
import type { ChannelConfirmation, SshProtocol } from './ssh2-protocol.js';

/** What a connection needs of the session that carries it. */
export interface Carrier {
  readonly protocol: SshProtocol;
  /** Something is about to be written to the machine. */
  gather(): void;
  /** True while the machine does not take what was written: users wait. */
  isCongested(): boolean;
  /** Counts bytes that were carried; answers how long (ms) the connection must wait before it goes on, 0 where no limit is reached. */
  spend(direction: 'up' | 'down', bytes: number): number;
  /** The channel is over: its number may be given again. */
  gone(id: number): void;
  /** The machine does what no honest client does. */
  misbehaves(what: string): void;
}

/** At first a machine may send so much that its user has not taken yet; twice as much each time when the user keeps up. */
export const FIRST_WINDOW = 256 * 1024;
export const LAST_WINDOW = 2 * 1024 * 1024;
export const PACKET = 32 * 1024;
const LINGER_MS = 5_000;

/**
 * One connection of a user and its channel (RFC 4254 §5), each direction until it ends by itself. A class and no streams in between: thousands
 * come and go every second. No more is ever held for a slow user than the window that the machine was given, and nothing but one piece for a slow machine.
 */
export class CarriedConnection {
  private remote = -1;
  private outWindow = 0;
  private packetSize = PACKET;
  private inWindow = FIRST_WINDOW;
  private fullWindow = FIRST_WINDOW;
  /** What the machine's window has no room for; meanwhile the user's socket is not read. */
  private rest: Buffer | undefined;
  private userEnded = false;
  private eofSent = false;
  private closeSent = false;
  private machineEnded = false;
  private isOver = false;
  /** A limit of bandwidth holds the user back. */
  private isSlowed = false;

  constructor(private readonly carrier: Carrier, private readonly id: number, private readonly socket: Socket, private readonly idleMs: number) {
    socket.pause();
    socket.on('error', () => undefined);
    // A socket that is paused says so all the same, and once, when nothing came before it.
    socket.on('end', () => { this.userEnded = true; this.flush(); });
    socket.on('close', (hadError) => this.userGone(hadError));
  }

  confirmed({ sender, window, packetSize }: ChannelConfirmation): void {
    if (this.remote >= 0) return this.carrier.misbehaves('a channel was opened twice');
    if (packetSize < 1) return this.carrier.misbehaves('packets of no length');
    this.remote = sender;
    this.outWindow = window;
    this.packetSize = Math.min(packetSize, PACKET);
    if (this.socket.destroyed) return this.sendClose();
    this.socket.setTimeout(this.idleMs);
    this.socket.on('data', (data: Buffer) => this.fromUser(data));
    this.socket.on('drain', () => this.giveWindow());
    this.flush();
    if (!this.carrier.isCongested()) this.socket.resume();
  }

  refused(): void {
    this.finish();
    this.socket.destroy();
  }

  /** The session is over; the user may still read what has come. */
  cutOff(): void {
    this.isOver = true;
    this.rest = undefined;
    this.socket.destroySoon();
    this.socket.setTimeout(LINGER_MS, () => this.socket.destroy());
  }

  fromMachine(data: Buffer): void {
    this.inWindow -= data.length;
    if (this.inWindow < 0 || this.machineEnded) return this.carrier.misbehaves('it sends more than its window');
    if (this.socket.destroyed || this.socket.writableEnded) return this.giveWindow();
    const wait = this.carrier.spend('down', data.length);
    const isTaken = this.socket.write(data);
    if (wait > 0) return void setTimeout(() => this.giveWindow(), wait);
    if (isTaken || this.socket.writableLength < this.fullWindow / 4) this.giveWindow();
  }

  windowGrown(bytes: number): void {
    this.outWindow += bytes;
    if (this.outWindow > 0xffff_ffff) return this.carrier.misbehaves('its window is too large');
    this.flush();
    this.goOn();
  }

  /** The machine takes again what is written to it. */
  goOn(): void {
    if (this.remote >= 0 && !this.rest && !this.isOver && !this.isSlowed && !this.carrier.isCongested()) this.socket.resume();
  }

  machineEof(): void {
    this.machineEnded = true;
    if (!this.socket.writableEnded) this.socket.end();
    this.closeWhenDone();
  }

  machineClosed(): void {
    this.sendClose();
    this.finish();
    this.rest = undefined;
    if (!this.socket.writableEnded) this.socket.end();
    // What the user still sends goes nowhere; what it has not read yet it may read.
    this.socket.removeAllListeners('data').resume();
    this.socket.setTimeout(LINGER_MS, () => this.socket.destroy());
  }

  private fromUser(data: Buffer): void {
    if (this.rest) this.rest = Buffer.concat([this.rest, data]);
    else this.rest = data;
    const before = this.rest.length;
    this.flush();
    const wait = this.carrier.spend('up', before - this.waiting());
    if (wait > 0) this.slowDown(wait);
    if (wait > 0 || this.waiting() > 0 || this.carrier.isCongested()) this.socket.pause();
  }

  private slowDown(ms: number): void {
    this.isSlowed = true;
    setTimeout(() => { this.isSlowed = false; this.goOn(); }, ms);
  }

  private waiting(): number {
    return this.rest?.length ?? 0;
  }

  private flush(): void {
    if (this.isOver || this.closeSent || this.remote < 0) return;
    const { protocol } = this.carrier;
    this.carrier.gather();
    while (this.rest && this.outWindow > 0) {
      const length = Math.min(this.rest.length, this.outWindow, this.packetSize);
      protocol.channelData(this.remote, length === this.rest.length ? this.rest : this.rest.subarray(0, length));
      this.outWindow -= length;
      this.rest = length === this.rest.length ? undefined : this.rest.subarray(length);
    }
    if (this.userEnded && !this.rest && !this.eofSent) {
      this.eofSent = true;
      protocol.channelEOF(this.remote);
      this.closeWhenDone();
    }
  }

  /** Lets the machine send more once half of its window is used and the user has taken it. */
  private giveWindow(): void {
    if (this.isOver || this.closeSent || this.machineEnded || this.remote < 0 || this.inWindow > this.fullWindow / 2) return;
    const held = this.socket.writableLength;
    if (held > this.fullWindow / 2) return;
    if (held === 0 && this.fullWindow < LAST_WINDOW) this.fullWindow *= 2;
    const bytes = this.fullWindow - held - this.inWindow;
    if (bytes <= 0) return;
    this.inWindow += bytes;
    this.carrier.gather();
    this.carrier.protocol.channelWindowAdjust(this.remote, bytes);
  }

  private closeWhenDone(): void {
    if (this.eofSent && this.machineEnded) this.sendClose();
  }

  private userGone(hadError: boolean): void {
    if (this.remote < 0 || this.isOver) return;
    // One that ended in order may have said more than the machine has room for now: that is still told.
    if (hadError || !this.userEnded) this.rest = undefined;
    if (!this.rest) this.sendClose();
  }

  private sendClose(): void {
    if (this.closeSent || this.isOver || this.remote < 0) return;
    this.closeSent = true;
    this.carrier.gather();
    this.carrier.protocol.channelClose(this.remote);
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.carrier.gone(this.id);
  }
}
