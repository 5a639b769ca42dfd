import { createRequire } from 'node:module';
import fc from 'fast-check';
import { makePacket, quickenPadding } from './packet-padding.js';
import type { PacketMaker } from './packet-padding.js';

test('packets are whole blocks with the padding that RFC 4253 asks for, and no two paddings are the same', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 40_000 }), fc.constantFrom(8, 16), (payload, block) => {
    const packet = makePacket(payload, block);
    const [length, padding] = [packet.readUInt32BE(0), packet[4] ?? 0];
    expect([packet.length, length % block, length - 1 - padding]).toEqual([4 + length + 16, 0, payload]);
    expect(padding >= 4 && padding < 4 + block).toBe(true);
  }));
  const seen = Array.from({ length: 5000 }, () => makePacket(1, 16).subarray(6, 20).toString('hex'));
  expect(new Set(seen).size).toBe(seen.length);
});

test('the ciphers of ssh2 are as expected, and one that is not is left alone', () => {
  const { AESGCMCipherBinding, ChaChaPolyCipherBinding } = ciphers();
  for (const cipher of [AESGCMCipherBinding, ChaChaPolyCipherBinding]) {
    const before = cipher.allocPacket;
    const theirs = [1, 7, 300].map((length) => cipher.allocPacket(length).subarray(0, 5));
    quickenPadding(cipher);
    expect(cipher.allocPacket).not.toBe(before);
    expect([1, 7, 300].map((length) => cipher.allocPacket(length).subarray(0, 5))).toEqual(theirs);
  }
  class AESGCMCipherBindingOfLater implements PacketMaker { allocPacket(length: number): Buffer { return Buffer.alloc(length + 64); } }
  Object.defineProperty(AESGCMCipherBindingOfLater, 'name', { value: 'AESGCMCipherBinding' });
  const later = new AESGCMCipherBindingOfLater();
  quickenPadding(later);
  expect(later.allocPacket(10)).toHaveLength(74);
});

/** One of each, made as the library makes them; without its addon they have other names, and nothing is changed. */
function ciphers(): Record<'AESGCMCipherBinding' | 'ChaChaPolyCipherBinding', PacketMaker> {
  const { createCipher, CIPHER_INFO } = createRequire(__filename)('ssh2/lib/protocol/crypto.js') as { createCipher: (config: object) => PacketMaker; CIPHER_INFO: Record<string, object> };
  const make = (name: string, key: number): PacketMaker =>
    createCipher({ outbound: { seqno: 0, onWrite: () => undefined, cipherInfo: CIPHER_INFO[name], cipherKey: Buffer.alloc(key), cipherIV: Buffer.alloc(12), macInfo: undefined } });
  return { AESGCMCipherBinding: make('aes256-gcm@openssh.com', 32), ChaChaPolyCipherBinding: make('chacha20-poly1305@openssh.com', 64) };
}
