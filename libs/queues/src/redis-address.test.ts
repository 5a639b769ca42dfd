import { readRedisAddress } from './redis-address.js';

test.each(['redis://h:1/2', 'rediss://u:p@h'])('%s is left to the driver', (url) => expect(readRedisAddress(url)).toEqual({ url }));
test('a socket is a path', () => expect(readRedisAddress('unix:///run/r.sock')).toEqual({ options: { path: '/run/r.sock' } }));

const read = (url: string): object => {
  const address = readRedisAddress(url);
  return 'options' in address ? address.options : address;
};
test.each([
  ['sentinel://a/main', { name: 'main', sentinels: [{ host: 'a', port: 26_379 }] }],
  ['sentinel://a:1,b:2,[::1]:3/main/4', { name: 'main', db: 4, sentinels: [{ host: 'a', port: 1 }, { host: 'b', port: 2 }, { host: '::1', port: 3 }] }],
  ['sentinel://me:p%40ss@a:1/main', { username: 'me', password: 'p@ss', sentinels: [{ host: 'a', port: 1 }] }],
  ['sentinel://:word@a:1/main?sentinelPassword=other%2F', { password: 'word', sentinelPassword: 'other/' }],
  ['sentinels://a:1/main', { enableTLSForSentinelMode: true, tls: {}, sentinelTLS: {} }],
])('reads %s', (url, expected) => expect(read(url)).toMatchObject(expected));
test('no password is no password', () => expect(read('sentinel://a/main')).not.toHaveProperty('password'));
test.each(['sentinel://a', 'sentinel:///main', 'sentinel://a:b/main', 'sentinel://a/main/x', 'sentinel://a,,b/main'])('%s is refused', (url) => expect(() => readRedisAddress(url)).toThrow('cannot be read'));
