import { randomFillSync } from 'node:crypto';

/** A cipher of ssh2 as far as it makes the packets that it then encrypts in place: length, length of the padding, room for the payload, padding, room for the tag. */
export interface PacketMaker {
  allocPacket(payloadLength: number): Buffer;
}

/** The block of the ciphers that ssh2's addon has; a tag of 16 bytes follows the packet of each. */
const BLOCKS: Readonly<Record<string, number>> = { AESGCMCipherBinding: 16, ChaChaPolyCipherBinding: 8 };
const TAG = 16;
const LEAST_PADDING = 4;
const POOL = 16 * 1024;

const pool = Buffer.alloc(POOL);
let used = POOL;
const known = new WeakSet<object>();

/**
 * ssh2 asks the system for the padding of every packet, a few random bytes each time, which takes longer than to encrypt a small packet. Here they are
 * taken from sixteen kilobytes that were asked for at once, and each is used once (RFC 4253 §6: padding should be random). Of a cipher that makes other packets than expected nothing is changed.
 */
export function quickenPadding(cipher: PacketMaker): void {
  const maker = Object.getPrototypeOf(cipher) as PacketMaker;
  if (known.has(maker)) return;
  known.add(maker);
  const block = BLOCKS[cipher.constructor.name];
  if (block !== undefined && isSame(cipher, block)) maker.allocPacket = (payloadLength) => makePacket(payloadLength, block);
}

function isSame(cipher: PacketMaker, block: number): boolean {
  return [1, 2, 5, 9, 14, 100, 1000].every((length) => {
    const [theirs, ours] = [cipher.allocPacket(length), makePacket(length, block)];
    return theirs.length === ours.length && theirs.subarray(0, 5).equals(ours.subarray(0, 5));
  });
}

/** The four bytes of the length are not part of what is filled up to whole blocks. */
export function makePacket(payloadLength: number, block: number): Buffer {
  const rest = block - ((1 + payloadLength) & (block - 1));
  const padding = rest < LEAST_PADDING ? rest + block : rest;
  const length = 1 + payloadLength + padding;
  const packet = Buffer.allocUnsafe(4 + length + TAG);
  packet.writeUInt32BE(length, 0);
  packet[4] = padding;
  if (used + padding > POOL) {
    randomFillSync(pool);
    used = 0;
  }
  packet.set(pool.subarray(used, used + padding), 5 + payloadLength);
  used += padding;
  return packet;
}
