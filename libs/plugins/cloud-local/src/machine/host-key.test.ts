import { utils } from 'ssh2';
import { newHostKey } from './ssh-server.js';

test('every host key that is kept can be read again', () => {
  // Without a second look eight of these would be expected to be malformed.
  for (let made = 0; made < 1500; made += 1) expect(utils.parseKey(newHostKey())).not.toBeInstanceOf(Error);
});
