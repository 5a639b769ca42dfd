// The bundle carries what it writes for an operator: the files of deploy/.
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['internal', 'external', 'all-in-one', 'systemd', 'monitoring'];

export function finishBuild(root, folder) {
  for (const name of FOLDERS) {
    rmSync(join(folder, 'deploy', name), { recursive: true, force: true });
    cpSync(join(root, 'deploy', name), join(folder, 'deploy', name), { recursive: true });
  }
  chmodSync(join(folder, 'main.js'), 0o755);
}
