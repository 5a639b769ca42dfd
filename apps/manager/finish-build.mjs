// The page of the operators' board, which the bundle serves and does not hold.
import { cpSync } from 'node:fs';
import { join } from 'node:path';

export function finishBuild(root, folder) {
  cpSync(join(root, 'node_modules', '@bull-board', 'ui', 'dist'), join(folder, 'board'), { recursive: true });
}
