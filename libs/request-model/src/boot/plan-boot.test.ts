import { planBoot } from './plan-boot.js';

const config = (...lines: string[]) => ({ contentType: 'text/cloud-config', content: ['#cloud-config', ...lines].join('\n') });
const script = (content: string) => ({ contentType: 'text/x-shellscript', content });

describe('the plan of a boot', () => {
  it('runs boothooks, files, boot commands, scripts and run commands in this order', () => {
    const plan = planBoot([
      script('#!/bin/sh\nfirst'),
      config('runcmd: [[echo, 1], "echo 2"]', 'bootcmd: [early]', 'write_files: [{ path: /home/fogbow/x, content: aGk=, encoding: b64, permissions: "0600" }]'),
      { contentType: 'text/cloud-boothook', content: '#!/bin/sh\nhook' },
      script('#!/bin/sh\nsecond'),
    ], 'fogbow');
    expect(plan.steps).toEqual([
      { kind: 'script', name: 'part-003', content: '#!/bin/sh\nhook' },
      { kind: 'file', file: { path: '/home/fogbow/x', content: Buffer.from('hi'), mode: 0o600, append: false } },
      { kind: 'command', command: 'early' },
      { kind: 'script', name: 'part-001', content: '#!/bin/sh\nfirst' },
      { kind: 'script', name: 'part-004', content: '#!/bin/sh\nsecond' },
      { kind: 'command', command: ['echo', '1'] },
      { kind: 'command', command: 'echo 2' },
    ]);
  });

  it('collects keys of named users and of the default user, over all parts', () => {
    const { keys } = planBoot([
      config('users:', '  - default', '  - { name: ann, ssh_authorized_keys: [k1] }', '  - { name: old, ssh-authorized-keys: k2 }'),
      config('ssh_authorized_keys: [k3]', 'users: [{ name: ann, ssh_authorized_keys: [k4] }]'),
    ], 'fogbow');
    expect(Object.fromEntries(keys)).toEqual({ ann: ['k1', 'k4'], old: ['k2'], fogbow: ['k3'] });
  });

  it('notes what it passes over and goes on', () => {
    const plan = planBoot([{ contentType: 'text/upstart-job', content: '' }, config('packages: [vim]'), config('a: ['), config('- list')], 'fogbow');
    expect(plan.steps.map((step) => step.kind)).toEqual(['note', 'note', 'note', 'note']);
  });
});
