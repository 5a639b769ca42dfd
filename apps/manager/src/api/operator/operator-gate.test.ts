import type { Request } from 'express';
import { operatorToken } from './operator-gate.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  [{ authorization: basic('whoever:a-token') }, 'a-token'], [{ authorization: basic(':a-token') }, 'a-token'], [{ authorization: basic('whoever:a:b:c') }, 'a:b:c'], [{ authorization: basic('whoever:') }, undefined],
  [{ authorization: basic('a-token') }, undefined], [{ authorization: `basic ${basic('x:ü').slice(6)}` }, 'ü'], [{ authorization: 'Basic' }, 'Basic'], [{ authorization: 'Bearer a-token' }, 'a-token'],
  [{ 'x-auth-token': 'a-token' }, 'a-token'], [{}, undefined],
])('of %j the token is %s', (headers: Record<string, string>, token) => expect(operatorToken({ get: (name: string) => headers[name.toLowerCase()] } as Request)).toBe(token));
