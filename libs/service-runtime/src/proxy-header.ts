import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** Who dialled a proxy. */
export interface ProxiedClient {
  /** As a socket would tell it. */
  readonly address: string;
  readonly port: number;
}

export type ProxyHeader =
  /** The bytes may be the beginning of one. */
  | { readonly state: 'partial' }
  | { readonly state: 'wrong'; readonly why: string }
  /** `length` bytes are the header. Without a client it speaks for the proxy itself, as in checks of its own, or says nothing of use. */
  | { readonly state: 'whole'; readonly length: number; readonly client?: ProxiedClient };

/** No proxy sends a longer one, since it has to fit into the smallest segment that every host takes. */
export const LONGEST_HEADER = 536;

const LONGEST_LINE = 107;
const LINE_BEGINS = Buffer.from('PROXY ');
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const FIXED = 16;
const PARTIAL: ProxyHeader = { state: 'partial' };
const wrong = (why: string): ProxyHeader => ({ state: 'wrong', why });

/**
 * The header that a proxy sends before what its client says: PROXY protocol, version 1 (a line) or 2 (binary), by HAProxy's proxy-protocol.txt §2.
 * Whatever of the connection follows the header may be among the bytes. What version 2 adds behind the addresses is passed over.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (beginsLike(bytes, SIGNATURE)) return bytes.length < FIXED ? PARTIAL : readBinary(bytes);
  return beginsLike(bytes, LINE_BEGINS) ? readLine(bytes) : wrong('it begins with no header');
}

/** As far as there are bytes. */
function beginsLike(bytes: Buffer, beginning: Buffer): boolean {
  const length = Math.min(bytes.length, beginning.length);
  return bytes.compare(beginning, 0, length, 0, length) === 0;
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, LONGEST_LINE).indexOf('\r\n');
  if (end < 0) return bytes.length < LONGEST_LINE ? PARTIAL : wrong('its line does not end');
  const whole = { state: 'whole', length: end + 2 } as const;
  const [, protocol, source = '', target = '', ...ports] = bytes.toString('latin1', 0, end).split(' ');
  // Behind that word nothing counts.
  if (protocol === 'UNKNOWN') return whole;
  const isAddress = protocol === 'TCP4' ? isIPv4 : protocol === 'TCP6' ? isGlobalIPv6 : () => false;
  if (!isAddress(source) || !isAddress(target) || ports.length !== 2 || !ports.every(isPort)) return wrong('its line cannot be read');
  return { ...whole, client: clientOf(source, Number(ports[0])) };
}

const isPort = (text: string): boolean => /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
/** Without a zone, which means something on one host only. */
const isGlobalIPv6 = (text: string): boolean => isIPv6(text) && !text.includes('%');

/** Family and transport → bytes of both addresses and ports. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 0x00: 0, 0x11: 12, 0x12: 12, 0x21: 36, 0x22: 36, 0x31: 216, 0x32: 216 };
const [LOCAL, PROXIED] = [0x20, 0x21];

function readBinary(bytes: Buffer): ProxyHeader {
  const [command, kind, length] = [bytes.readUInt8(12), bytes.readUInt8(13), FIXED + bytes.readUInt16BE(14)];
  if (command !== LOCAL && command !== PROXIED) return wrong('its version or command is not known');
  if (length > LONGEST_HEADER) return wrong(`it is longer than ${LONGEST_HEADER} bytes`);
  const addresses = ADDRESS_BYTES[kind];
  if (command === PROXIED && (addresses === undefined || length < FIXED + addresses)) return wrong('its addresses cannot be read');
  if (bytes.length < length) return PARTIAL;
  const whole = { state: 'whole', length } as const;
  if (command === LOCAL) return whole;
  if (kind === 0x11) return { ...whole, client: clientOf([...bytes.subarray(16, 20)].join('.'), bytes.readUInt16BE(24)) };
  if (kind === 0x21) return { ...whole, client: clientOf(bytes.toString('hex', 16, 32).replace(/(?<=.)(?=(?:.{4})+$)/g, ':'), bytes.readUInt16BE(48)) };
  return whole;
}

function clientOf(text: string, port: number): ProxiedClient {
  // One address has one way to be written, or it would be several to whoever counts.
  return { address: new SocketAddress({ address: text, family: isIPv4(text) ? 'ipv4' : 'ipv6' }).address, port };
}
