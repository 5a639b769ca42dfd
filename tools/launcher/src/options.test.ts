import { readOptions } from './options.js';

const read = (...argv: string[]): ReturnType<typeof readOptions> => readOptions(argv, '/clone', '/here');

describe('the launcher\'s options', () => {
  it('have defaults that suit a newcomer', () => {
    expect(read()).toEqual({
      command: 'start', data: '/clone/.fogbow', portBase: 28000, members: 2, fresh: false, detach: false, install: true, xmpp: 'router',
      clouds: { a: { plugin: 'cloud-local' }, b: { plugin: 'cloud-local' } },
    });
  });

  it('take paths from where the user stands', () => {
    expect(read('--data', 'd').data).toBe('/here/d');
    expect(read('--cloud-b', 'cloud-docker=my.yaml').clouds['b']).toEqual({ plugin: 'cloud-docker', file: '/here/my.yaml' });
  });

  it.each([
    [['--members', '0'], '--members must be a whole number from 1 to 26, not 0.'],
    [['--members', 'two'], '--members must be a whole number from 1 to 26, not two.'],
    [['--port-base', '65500'], '--port-base must be a whole number from 1024 to 65236, not 65500.'],
    [['--port-bas', '1'], "Unknown option '--port-bas'; see npm start -- --help."],
    [['--xmpp', 'ejabberd'], '--xmpp must be router, prosody, websocket, not ejabberd.'],
    [['go'], 'There is no command go; see npm start -- --help.'],
  ])('tell the fault of %j in one sentence', (argv, sentence) => {
    expect(() => read(...argv)).toThrow(sentence);
  });
});
