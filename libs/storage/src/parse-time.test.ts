import fc from 'fast-check';
import pg from 'pg';
import { parseTime } from './parse-time.js';

const other = (text: string): string => `other ${text}`;
const parse = (text: string): unknown => parseTime(text, other);

test.each([
  ['2026-11-23 04:25:01.123456+00', '2026-11-23T04:25:01.123Z'],
  ['2026-11-23 04:25:01.123999+00', '2026-11-23T04:25:01.123Z'],
  ['2026-11-23 04:25:01.5+00', '2026-11-23T04:25:01.500Z'],
  ['2026-11-23 04:25:01.07+00', '2026-11-23T04:25:01.070Z'],
  ['2026-11-23 04:25:01+00', '2026-11-23T04:25:01.000Z'],
  ['2026-11-23 04:25:01.25+05:30', '2026-11-22T22:55:01.250Z'],
  ['2026-11-23 04:25:01-08', '2026-11-23T12:25:01.000Z'],
  ['0999-01-01 00:00:00+00', '0999-01-01T00:00:00.000Z'],
])('reads %s', (text, iso) => expect((parse(text) as Date).toISOString()).toBe(iso));

test.each(['infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '12026-11-23 04:25:01+00', '0099-01-01 00:00:00+00', '1890-01-01 00:00:00+00:53:28', ''])(
  'leaves %j to the other', (text) => expect(parse(text)).toBe(other(text)));

const driversOwn = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ) as (text: string) => unknown;

test('reads any time of four digits as PostgreSQL writes it in any zone, like the driver', async () => {
  const client = new pg.Client({ connectionString: String(process.env['TEST_POSTGRES_URL']), types: { getTypeParser: () => (text: string) => text } });
  await client.connect();
  const times = fc.record({
    time: fc.date({ min: new Date('1000-01-02'), max: new Date('9998-12-30'), noInvalidDate: true }), micros: fc.integer({ min: 0, max: 999 }),
    zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'America/Recife'),
  });
  const check = fc.assert(fc.asyncProperty(times, async ({ time, micros, zone }) => {
    await client.query(`set timezone to '${zone}'`);
    const { rows } = await client.query<{ at: string }>("select $1::timestamptz + $2 * interval '1 microsecond' as at", [time.toISOString(), micros]);
    expect(parseTime(rows[0]?.at ?? '', driversOwn)).toEqual(time);
  }), { numRuns: 100 });
  await check.finally(() => client.end());
});
