import { launchOf } from './child-server.js';

const server = { command: '/bin/server', args: ['-x'] };

test.each([
  ['itself', {}, { command: '/bin/server', args: ['-x'] }],
  ['as another user', { uid: 5, gid: 6 }, { command: '/bin/server', args: ['-x'], uid: 5, gid: 6 }],
  ['by others', { by: ['ip', 'netns', 'exec', 'n'] }, { command: 'ip', args: ['netns', 'exec', 'n', '/bin/server', '-x'] }],
  ['by others, which stay ourselves, as another user', { by: ['ip', 'netns', 'exec', 'n'], uid: 5, gid: 6 },
    { command: 'ip', args: ['netns', 'exec', 'n', 'setpriv', '--reuid=5', '--regid=6', '--clear-groups', '--', '/bin/server', '-x'] }],
])('runs a server %s', (_how, options, launch) => expect(launchOf({ ...server, ...options })).toEqual(launch));
