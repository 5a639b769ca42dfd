import { chooseMechanism } from './sasl.js';

const account = { username: 'user', password: 'pencil' };

/* The examples of RFC 5802 §5 and RFC 7677 §3. */
it.each<[string, string, string, string, string]>([
  ['SCRAM-SHA-1', 'fyko+d2lbbFgONRv9qkxdawL', 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=', 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ='],
  ['SCRAM-SHA-256', 'rOprNGfwEbeRWgbNEkqO', 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='],
])('%s proves both sides as in its RFC', async (mechanism, nonce, challenge, response, success) => {
  const exchange = chooseMechanism(['PLAIN', mechanism], account, { nonce, allowPlain: true });
  expect([exchange.mechanism, exchange.first]).toEqual([mechanism, `n,,n=user,r=${nonce}`]);
  expect(await exchange.answer(challenge)).toBe(response);
  expect(() => exchange.finish(success)).not.toThrow();
  expect(() => exchange.finish(success.replace('v=', 'v=AAAA'))).toThrow(/did not prove/);
  expect(() => exchange.finish('')).toThrow(/did not prove/);
});

it.each([
  ['a nonce that is not ours', 'r=other,s=QSXCR+Q6sek8bf92,i=4096'], ['our nonce alone', 'r=n,s=QSXCR+Q6sek8bf92,i=4096'], ['no salt', 'r=nx,i=4096'],
  ['endless work', 'r=nx,s=QSXCR+Q6sek8bf92,i=99999999999'], ['no number', 'r=nx,s=QSXCR+Q6sek8bf92,i=many'], ['nothing', ''],
])('does not answer a challenge with %s', async (_what, challenge) => {
  await expect(chooseMechanism(['SCRAM-SHA-1'], account, { nonce: 'n', allowPlain: false }).answer(challenge)).rejects.toThrow(/rules of SCRAM/);
});

it('takes PLAIN last, and only where nobody listens', () => {
  expect(chooseMechanism(['PLAIN'], account, { nonce: 'n', allowPlain: true }).first).toBe('\0user\0pencil');
  expect(() => chooseMechanism(['PLAIN'], account, { nonce: 'n', allowPlain: false })).toThrow(/in the clear/);
  expect(() => chooseMechanism(['GSSAPI'], account, { nonce: 'n', allowPlain: true })).toThrow(/only GSSAPI/);
});

it('escapes the name', () => {
  expect(chooseMechanism(['SCRAM-SHA-1'], { username: 'a=b,c', password: 'p' }, { nonce: 'n', allowPlain: false }).first).toBe('n,,n=a=3Db=2Cc,r=n');
});
