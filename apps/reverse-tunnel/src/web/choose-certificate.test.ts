import { chooseCertificate } from './choose-certificate.js';

const [first, wild, own] = [{ names: ['t.example'] }, { names: ['*.t.example'] }, { names: ['shop--o.t.example'] }];

test.each([
  ['its own name', 'shop--o.t.example', own], ['a wildcard', 'web--o.T.example.', wild], ['the domain itself', 't.example', first], ['a name two labels below', 'a.b.t.example', first],
  ['a name that nobody has', 'other', first], ['no name', undefined, first], ['the star itself', '*', first],
])('%s', (_what, host, expected) => expect(chooseCertificate([first, wild, own], host)).toBe(expected));
