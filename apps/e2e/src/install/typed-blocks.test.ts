import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '../start-federation.js';
import { typedBlocks } from './typed-blocks.js';

const HOSTS = ['workstation', 'internal', 'external'];
const block = (first: string): string => `\`\`\`sh\n${first}\nuname -a\nid\n\`\`\`\n`;

describe('the blocks of a page that are typed', () => {
  it('stand under a heading, and say where', () => {
    const page = `# Page\n\n## One\n\n${block('# On the internal and the external host')}\ntext\n\n### Two\n\n${block('# On the workstation, as root')}`;
    expect(typedBlocks(page, HOSTS)).toEqual([
      { heading: 'One', hosts: ['internal', 'external'], commands: 'uname -a\nid\n' },
      { heading: 'Two', hosts: ['workstation'], commands: 'uname -a\nid\n' },
    ]);
  });
  it('are not those of others', () => expect(typedBlocks(`${block('uname')}\n\`\`\`\n# On the workstation\n\`\`\`\n`, HOSTS)).toEqual([]));
  it('do not name a host that is not there', () => expect(() => typedBlocks(block('# On the moon'), HOSTS)).toThrow('No host is known by "moon"'));
  it('of docs/install.md lead from clean hosts to a login', () => {
    const typed = typedBlocks(readFileSync(join(cloneRoot(), 'docs', 'install.md'), 'utf8'), HOSTS);
    const headings = [...new Set(typed.map(({ heading }) => heading))];
    expect(headings).toEqual(['What you need', '1. Images', '2. fogbow-setup', '3. DNS and firewall', '4. Start', '5. Look']);
    expect(typed.map(({ commands }) => commands).join('')).toContain('fogbow ssh');
  });
});
