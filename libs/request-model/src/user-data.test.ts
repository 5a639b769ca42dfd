import fc from 'fast-check';
import { decodeUserData, encodeUserData, USER_DATA_TYPES } from './user-data.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.base64String(),
  fc.array(fc.constantFrom('#!/bin/sh', '', '--==fogbow-00000000==', 'Content-Type: text/plain', 'x'.repeat(1000), 'ä\r', '\r')).map((lines) => lines.join('\n')),
);
const part = fc.record({ contentType: fc.constantFrom(...USER_DATA_TYPES), content: text });

describe('user data', () => {
  it('comes back as it was, for any parts', () => {
    fc.assert(fc.property(fc.array(part), (parts) => {
      expect(decodeUserData(encodeUserData(parts))).toEqual(parts);
    }));
  });

  it('is the same text for the same parts', () => {
    const parts = [{ contentType: 'text/x-shellscript', content: '#!/bin/sh\necho hello\n' }];
    expect(encodeUserData(parts)).toBe(encodeUserData(parts));
    expect(encodeUserData(parts)).toContain('\n\n#!/bin/sh\necho hello\n\n--==fogbow-');
  });

  it('reads what other MIME writers make', () => {
    const foreign = [
      'MIME-Version: 1.0', 'Content-Type: multipart/mixed;', '\tboundary=xyz', '', 'preamble', '--xyz',
      'Content-Type: text/cloud-config', '', '#cloud-config', '--xyz--', 'epilogue',
    ].join('\r\n');
    expect(decodeUserData(foreign)).toEqual([{ contentType: 'text/cloud-config', content: '#cloud-config' }]);
  });

  it.each(['', '#!/bin/sh\necho', 'Content-Type: text/plain\n\nx'])('is not %j', (other) => {
    expect(decodeUserData(other)).toBeUndefined();
  });

  it('refuses a content type that would break the header', () => {
    expect(() => encodeUserData([{ contentType: 'text/x\nX: y', content: '' }])).toThrow(TypeError);
  });
});
