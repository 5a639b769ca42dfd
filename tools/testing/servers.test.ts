import { createConnection } from 'node:net';
import { Client } from 'pg';
import { Redis } from 'ioredis';

describe('the servers of a test run', () => {
  it('include a PostgreSQL for which we are the superuser', async () => {
    const client = new Client({ connectionString: process.env['TEST_POSTGRES_URL'] });
    await client.connect();
    const { rows } = await client.query<{ text: string }>('select current_database() || current_setting(\'is_superuser\') as text');
    await client.end();
    expect(rows).toEqual([{ text: 'postgreson' }]);
  });

  it('include a Redis', async () => {
    const url = process.env['TEST_REDIS_URL'] as string;
    const redis = url.startsWith('unix://') ? new Redis({ path: url.slice('unix://'.length) }) : new Redis(url);
    redis.on('error', () => undefined);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  });

  it('answer on loopback only', async () => {
    const port = Number(new URL(process.env['TEST_POSTGRES_URL'] as string).port);
    const refused = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ host: '127.0.0.2', port }, () => { socket.destroy(); resolve(false); });
      socket.on('error', () => resolve(true));
    });
    expect(refused).toBe(true);
  });
});
