import * as fc from 'fast-check';
import { isIPv6 } from 'node:net';
import { LONGEST_HEADER, readProxyHeader } from './proxy-header.js';

const SIGNATURE = '0d0a0d0a000d0a515549540a';
/** A header of version 2 from parts in hex; its length is told truly unless it is given. */
function binary(commandAndKind: string, rest: string, length = rest.length / 2): Buffer {
  return Buffer.from(`${SIGNATURE}${commandAndKind}${length.toString(16).padStart(4, '0')}${rest}`, 'hex');
}
const V4 = 'cb007107' + '0a000005' + 'c350' + '1ff6';
const V6 = '20010db8000000000000000000000007' + '20010db8000000000000000000000005' + 'c350' + '1ff6';
const TLVS = '030004a9b8c7d6' + '04000100';
const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1');

const GOOD: readonly [string, Buffer, unknown][] = [
  ['a line, IPv4', line('PROXY TCP4 203.0.113.7 10.0.0.5 50000 8182'), { address: '203.0.113.7', port: 50_000 }],
  ['a line, IPv6', line('PROXY TCP6 2001:db8::7 2001:DB8::5 50000 8182'), { address: '2001:db8::7', port: 50_000 }],
  ['a line, IPv6 in another way', line('PROXY TCP6 2001:0DB8:0:0:0:0:0:7 2001:db8::5 0 65535'), { address: '2001:db8::7', port: 0 }],
  ['a line that does not know', line('PROXY UNKNOWN'), undefined],
  ['a line that does not know, with what does not count', line('PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535'), undefined],
  ['binary, IPv4', binary('2111', V4), { address: '203.0.113.7', port: 50_000 }],
  ['binary, IPv4 and more', binary('2111', V4 + TLVS), { address: '203.0.113.7', port: 50_000 }],
  ['binary, IPv6', binary('2121', V6), { address: '2001:db8::7', port: 50_000 }],
  ['binary, IPv6 and more', binary('2121', V6 + TLVS), { address: '2001:db8::7', port: 50_000 }],
  ['binary, of the longest', binary('2111', V4 + '00'.repeat(LONGEST_HEADER - 16 - 12)), { address: '203.0.113.7', port: 50_000 }],
  ['binary, a check of the proxy', binary('2000', ''), undefined],
  ['binary, a check with addresses', binary('2011', V4), undefined],
  ['binary, a check of a kind that nobody knows', binary('20ff', '00'), undefined],
  ['binary, of nothing said', binary('2100', ''), undefined],
  ['binary, datagrams', binary('2112', V4), undefined],
  ['binary, a local socket', binary('2131', '00'.repeat(216)), undefined],
];

test.each(GOOD)('%s', (_name, header, client) => {
  const whole = { state: 'whole', length: header.length, ...(client ? { client } : {}) };
  expect(readProxyHeader(header)).toEqual(whole);
  expect(readProxyHeader(Buffer.concat([header, Buffer.from('GET / HTTP/1.1\r\n\r\n')]))).toEqual(whole);
  for (let length = 0; length < header.length; length += 1) expect(readProxyHeader(header.subarray(0, length))).toEqual({ state: 'partial' });
});

test.each([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')], ['TLS', Buffer.from('1603010200', 'hex')], ['a word of its own', line('PROXIED')],
  ['no protocol', line('PROXY ')], ['another protocol', line('PROXY UDP4 203.0.113.7 10.0.0.5 50000 8182')], ['the wrong family', line('PROXY TCP6 203.0.113.7 10.0.0.5 50000 8182')],
  ['both families', line('PROXY TCP4 203.0.113.7 2001:db8::5 50000 8182')], ['leading noughts', line('PROXY TCP4 203.0.113.07 10.0.0.5 50000 8182')],
  ['a zone', line('PROXY TCP6 fe80::1%eth0 2001:db8::5 50000 8182')], ['too many ports', line('PROXY TCP4 203.0.113.7 10.0.0.5 50000 8182 1')],
  ['one port', line('PROXY TCP4 203.0.113.7 10.0.0.5 50000')], ['a port beyond', line('PROXY TCP4 203.0.113.7 10.0.0.5 65536 8182')], ['a port with a nought', line('PROXY TCP4 203.0.113.7 10.0.0.5 050 8182')],
  ['two spaces', line('PROXY TCP4  203.0.113.7 10.0.0.5 50000 8182')], ['no end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(93)}`)], ['an end too late', line(`PROXY UNKNOWN ${'x'.repeat(92)}`)],
  ['version 1 in binary', binary('1111', V4)], ['version 3', binary('3111', V4)], ['another command', binary('2211', V4)], ['another kind', binary('2113', V4)],
  ['too short for its addresses', binary('2111', V4.slice(2))], ['too short for IPv6', binary('2121', V4)], ['too long', binary('2111', V4, LONGEST_HEADER - 15)],
])('refuses %s', (_name, bytes) => expect(readProxyHeader(bytes)).toMatchObject({ state: 'wrong' }));

test('whatever is sent, the answer comes within the bounds and does not change with more bytes', () => {
  const beginnings = fc.constantFrom('', SIGNATURE, `${SIGNATURE}2111`, `${SIGNATURE}2121`, Buffer.from('PROXY TCP4 ').toString('hex'), Buffer.from('PROXY TCP6 ').toString('hex'));
  fc.assert(fc.property(beginnings, fc.uint8Array({ maxLength: 700 }), fc.nat(700), (beginning, noise, cut) => {
    const bytes = Buffer.concat([Buffer.from(beginning, 'hex'), noise]);
    const [whole, part] = [readProxyHeader(bytes), readProxyHeader(bytes.subarray(0, cut))];
    if (bytes.length >= LONGEST_HEADER) expect(whole.state).not.toBe('partial');
    if (whole.state === 'whole') expect(whole.length).toBeLessThanOrEqual(Math.min(bytes.length, LONGEST_HEADER));
    if (part.state === 'whole') expect(whole).toEqual(part);
    if (part.state === 'wrong') expect(whole.state).toBe('wrong');
  }));
});

test('every address is told as it is, in both versions alike', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6()).filter((text) => !text.includes('%'));
  fc.assert(fc.property(address, fc.nat(65_535), (text, port) => {
    const isSix = isIPv6(text);
    const bytes = isSix ? hexOfIPv6(text) : text.split('.').map((part) => Number(part).toString(16).padStart(2, '0')).join('');
    const ports = `${port.toString(16).padStart(4, '0')}0001`;
    const told = readProxyHeader(line(`PROXY TCP${isSix ? 6 : 4} ${text} ${text} ${port} 1`));
    const inBinary = readProxyHeader(binary(isSix ? '2121' : '2111', bytes + bytes + ports));
    expect(told).toMatchObject({ state: 'whole', client: isSix ? { port } : { address: text, port } });
    expect(inBinary).toMatchObject({ client: (told as { client: object }).client });
  }));
});

/** By the way in which a URL writes it, which has no dots. */
function hexOfIPv6(text: string): string {
  const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
  const groups = (part = ''): string[] => part.split(':').filter(Boolean).map((group) => group.padStart(4, '0'));
  const [before, after] = [groups(head), groups(tail)];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0000'), ...after].join('');
}
