import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Containers as an operator's script sees them, without an engine: each a file that holds its service and its image. */
export interface FakeEngine {
  start(service: string, image: string): void;
  /** `service image` of every container, sorted. */
  containers(): string[];
  /** What was asked of it since the last call, one line each. */
  asked(): string[];
  /** Runs a script of this folder; `killAt`: at the first command that begins so the script is killed, `failAt`: that command fails. */
  run(script: string, args: readonly string[], at?: { readonly killAt?: string; readonly failAt?: string }): { readonly status: number | null; readonly said: string };
}

/** An image whose name has `bad` in it never becomes well. An image's id is its name. */
const DOCKER = `#!/bin/sh
all=$FAKE_STATE/containers
echo "$*" >>"$FAKE_STATE/asked"
case "$*" in "\${FAKE_KILL_AT:-nothing}"*) kill -9 $PPID; exit 1 ;; esac
case "$*" in "\${FAKE_FAIL_AT:-nothing}"*) echo "no: $*" >&2; exit 1 ;; esac
of() { grep -l "^$1 " "$all"/* 2>/dev/null | xargs -r -n1 basename; }
image() { sed -n 's/^FOGBOW_IMAGE=//p' .env | grep . || echo fogbow:default; }
make() { n=$(cat "$FAKE_STATE/next"); echo $((n + 1)) >"$FAKE_STATE/next"; echo "$1 $(image)" >"$all/c$n"; }
for last; do :; done
case "$*" in
  'compose ps '*) of "$last" ;;
  'compose up '*--scale*) wanted=$(echo "$*" | sed 's/.*=\\([0-9]*\\) .*/\\1/'); while [ "$(of "$last" | wc -l)" -lt "$wanted" ]; do make "$last"; done ;;
  'compose up -d --no-deps rendezvous') [ "rendezvous $(image)" = "$(cat "$all/$(of rendezvous)")" ] || { rm "$all/$(of rendezvous)"; make rendezvous; } ;;
  'image inspect '*) echo "$last" ;;
  'inspect -f {{.Image}} '*) cut -d ' ' -f 2 "$all/$last" ;;
  'inspect -f {{.State.Health.Status}} '*) if grep -q bad "$all/$last"; then echo starting; else echo healthy; fi ;;
  'rm '*) for one; do rm -f "$all/$one"; done ;;
esac
`;

export function createFakeEngine(state: string, folder: string): FakeEngine {
  const [programs, all, asked] = [join(state, 'bin'), join(state, 'containers'), join(state, 'asked')];
  for (const one of [programs, all]) mkdirSync(one, { recursive: true });
  writeFileSync(join(programs, 'docker'), DOCKER, { mode: 0o755 });
  // Nothing here needs time.
  writeFileSync(join(programs, 'sleep'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(asked, '');
  let made = 0;
  writeFileSync(join(state, 'next'), '100\n');
  return {
    start: (service, image) => writeFileSync(join(all, `c${made++}`), `${service} ${image}\n`),
    containers: () => readdirSync(all).map((name) => readFileSync(join(all, name), 'utf8').trim()).sort(),
    asked() {
      const lines = readFileSync(asked, 'utf8').trim().split('\n');
      writeFileSync(asked, '');
      return lines;
    },
    run(script, args, { killAt = '', failAt = '' } = {}) {
      const env = { PATH: `${programs}:${process.env['PATH']}`, PATIENCE: '2', FAKE_STATE: state, ...(killAt ? { FAKE_KILL_AT: killAt } : {}), ...(failAt ? { FAKE_FAIL_AT: failAt } : {}) };
      const { status, stdout, stderr } = spawnSync(join(folder, script), args, { encoding: 'utf8', env, timeout: 20_000 });
      return { status, said: stdout + stderr };
    },
  };
}
