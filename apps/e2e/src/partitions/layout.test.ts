import { CABLES, cable, dropTable, HOSTS, LEGS, wallOf } from './layout.js';

test('every cable is a net of its own, with two hosts in it', () => {
  const nets = CABLES.map(({ ends }) => ends.map(({ address }) => `${address.split('.').slice(0, 3).join('.')}/${Number(address.split('.')[3]) >> 2}`));
  for (const [one, other] of nets) expect(one).toBe(other);
  expect(new Set(nets.flat()).size).toBe(CABLES.length);
});

test('the insides hang on nothing but their own outside', () => {
  const neighbours = (host: string) => CABLES.filter(({ ends }) => ends.some((end) => end.host === host)).flatMap(({ ends }) => ends.map((end) => end.host)).filter((one) => one !== host);
  expect(neighbours('int-a')).toEqual(['ext-a']);
  expect(neighbours('int-b')).toEqual(['ext-b']);
});

test('every leg is a cable', () => expect(LEGS.map((leg) => cable(leg).name)).toEqual([...LEGS]));

test.each(HOSTS.filter((host) => host !== 'user'))('the wall of %s counts what begins towards an inside', (host) => {
  expect(wallOf(host)).toContain(host.startsWith('int') ? 'iifname "dmz" tcp flags & (syn | ack) == syn counter name inward drop' : 'oifname "inside" tcp flags & (syn | ack) == syn counter name inward');
});

test('drops all or some', () => {
  expect(dropTable('cut', 'peer')).toContain('iifname "peer" counter drop');
  expect(dropTable('loss', 'peer', 5)).toContain('iifname "peer" numgen random mod 100 < 5 counter drop');
});
