/** How much of the beginning of a file `headerFault` needs, in bytes. */
export const HEADER_BYTES = 4096;

const QCOW2 = 0x514649fb;
const EXTERNAL_DATA = 0x4n;
/** Of formats that may lead to other files and that nobody needs here. */
const REFUSED: readonly (readonly [string, RegExp])[] = [['a VMDK descriptor, which names other files', /^\s*#\s*disk descriptorfile/i], ['a QED image', /^QED\0/], ['a COW image', /^OOOM/]];

/**
 * Pure: why an image that a stranger made must not even be looked at by a tool that opens what it names; undefined where the beginning of
 * the file names nothing. Layout: QEMU, docs/interop/qcow2.txt: backing_file_offset at 8, incompatible_features at 72.
 */
export function headerFault(header: Buffer): string | undefined {
  const found = REFUSED.find(([, pattern]) => pattern.test(header.toString('latin1', 0, 200)));
  if (found) return `it is ${found[0]}`;
  if (header.length < 24 || header.readUInt32BE(0) !== QCOW2) return undefined;
  if (header.readBigUInt64BE(8) !== 0n) return 'it has a backing file';
  const version = header.readUInt32BE(4);
  if (version >= 3 && (header.length < 104 || (header.readBigUInt64BE(72) & EXTERNAL_DATA) !== 0n)) return 'it keeps its data in another file';
  return undefined;
}
