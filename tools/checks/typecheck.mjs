// Checks the types of the whole tree with TypeScript 7, whose command would otherwise collide with TypeScript 6.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../setup.mjs';

const compiler = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.json'), '--noEmit', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
