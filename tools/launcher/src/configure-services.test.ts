import { configureServices } from './configure-services.js';
import type { Surroundings } from './configure-services.js';
import { readOptions } from './options.js';
import { planFederation } from './plan-federation.js';

const around: Surroundings = {
  root: '/clone', redisUrl: 'redis://127.0.0.1:28001',
  secrets: { text: (name) => `secret of ${name}`, keyFile: (name) => `/keys/${name}` },
  databaseUrl: (database) => `postgresql://x@127.0.0.1:28000/${database}`,
  cloudFile: (path) => ({ settings: { from: path }, ...(path === '/far.yaml' ? { dialHost: '192.0.2.7' } : {}) }),
};
const configure = (...argv: string[]): { names: string[]; file: (path: string) => unknown } => {
  const { services, files } = configureServices(planFederation(readOptions(['--data', '/d', ...argv], '/clone', '/here')), around);
  return { names: services.map(({ name }) => name), file: (path) => files.find((one) => one.path === path)?.content };
};

describe('the services of a federation', () => {
  it('are the router, the rendezvous, and a tunnel and a manager per member', () => {
    expect(configure().names).toEqual(['xmpp-router', 'rendezvous', 'tunnel-a', 'manager-a', 'tunnel-b', 'manager-b']);
  });

  it('include a fake cloud where a member uses one', () => {
    const { names, file } = configure('--cloud-b', 'cloud-fake');
    expect(names).toContain('fake-cloud-b');
    expect(file('/d/config/manager-b.yaml')).toMatchObject({ cloud: { plugin: 'cloud-fake', settings: { url: 'http://127.0.0.1:28203' } } });
  });

  it('share the secrets that both sides must know', () => {
    const { file } = configure();
    expect(file('/d/config/xmpp-router.yaml')).toMatchObject({ components: { 'manager.a.fogbow.local': 'secret of xmpp-manager.a.fogbow.local' } });
    expect(file('/d/config/manager-a.yaml')).toMatchObject({
      xmpp: { secret: 'secret of xmpp-manager.a.fogbow.local', port: 28002 },
      tunnel: { redisPrefix: 'tunnel-a' }, keyFile: '/keys/key-a',
      cloud: { settings: { directory: '/d/members/a/cloud', maxInstances: 2 } },
    });
    expect(file('/d/config/rendezvous.yaml')).toMatchObject({ xmpp: { secret: 'secret of xmpp-rendezvous.fogbow.local' }, redis: { url: 'redis://127.0.0.1:28001', prefix: 'rendezvous' } });
    expect(file('/d/config/tunnel-a.yaml')).toMatchObject({ redis: { prefix: 'tunnel-a' }, ports: { from: 28110, to: 28199 } });
  });

  it('find a Prosody in the place of the router, the rendezvous at that of the first member', () => {
    const { names, file } = configure('--xmpp', 'prosody');
    expect(names).not.toContain('xmpp-router');
    expect(['rendezvous', 'manager-a', 'manager-b'].map((name) => (file(`/d/config/${name}.yaml`) as { xmpp: { port: number } }).xmpp.port)).toEqual([28104, 28104, 28204]);
  });

  it('dial in over WebSocket where they are clients', () => {
    expect(configure('--xmpp', 'websocket').file('/d/config/manager-b.yaml')).toMatchObject({
      member: { id: 'manager.at--b.fogbow.local' }, xmpp: { url: 'wss://127.0.0.1:28207/xmpp-websocket', caFile: '/d/prosody/b.fogbow.local/trusted.pem', secret: 'secret of xmpp-manager.at--b.fogbow.local' },
    });
  });

  it('know users by the hash of their token only', () => {
    const users = configure().file('/d/config/users-a.yaml');
    expect(users).toEqual({ users: [{ id: 'alice', name: 'alice', tokenSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }] });
    expect(JSON.stringify(users)).not.toContain('secret of');
  });

  it('let machines of another cloud dial the address that its file says, and no other', () => {
    const { file } = configure('--cloud-a', 'cloud-docker=/far.yaml');
    expect(file('/d/config/tunnel-a.yaml')).toMatchObject({ ssh: { host: '192.0.2.7' }, dialHost: '192.0.2.7', publicHost: '127.0.0.1' });
    expect(file('/d/config/tunnel-b.yaml')).toMatchObject({ ssh: { host: '127.0.0.1' }, dialHost: '127.0.0.1' });
    expect(file('/d/config/manager-a.yaml')).toMatchObject({ cloud: { settings: { from: '/far.yaml' } } });
    expect(JSON.stringify(file('/d/config/manager-a.yaml'))).not.toContain('192.0.2.7');
  });

  it('take the settings of another cloud from its file', () => {
    expect(configure('--cloud-a', 'cloud-docker=/c.yaml').file('/d/config/manager-a.yaml')).toMatchObject({ cloud: { plugin: 'cloud-docker', settings: { from: '/c.yaml' }, credentials: {} } });
  });
});
