import assert from 'node:assert/strict';
import type { OrderView } from '../api-client.js';
import { login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { ContainerWorld } from './container-world.js';

/** Two busy loops for three seconds; the processor time that they got, in milliseconds. */
const BURN = `a=$(cut -d' ' -f1 /proc/uptime)
for i in 1 2; do timeout 3 sh -c 'while :; do :; done' & done; wait
b=$(cut -d' ' -f1 /proc/uptime)
times >/tmp/times; tail -1 /tmp/times | awk -v a="$a" -v b="$b" '{ split($1, t, "[ms]"); printf "%d %d\\n", (t[1] * 60 + t[2]) * 1000, (b - a) * 1000 }'`;

/** Limits are believed when something runs into them. */
export function rightsAndLimits({ world, atB, docker, containersOf }: ContainerWorld): Chapter {
  let order: OrderView | undefined;
  const run = async (command: string): Promise<string> => { assert(order); return (await login(world, order, command)).stdout.trim(); };
  return {
    name: 'Rights and limits of a machine with 1 vCPU and 512 MB',
    steps: [
      ['a machine at B', async () => { order = await atB(); }],
      ['what takes 700 MB is killed, and the machine goes on', async () => {
        assert.equal(await run('bash -c "head -c 700000000 /dev/zero | tail -c 690000000 >/dev/null; echo \\${PIPESTATUS[1]}"'), '137');
        assert.equal(await run('echo alive'), 'alive');
      }],
      ['two busy loops get one processor', async () => {
        const [used = 0, passed = 0] = (await run(BURN)).split(' ').map(Number);
        // A busy host may give less.
        assert(used > 100 && used < passed * 1.25, `${used} ms of processor time in ${passed} ms`);
        return `${used} ms of processor time in ${passed} ms`;
      }],
      ['the 513th process is refused', async () => {
        const said = await run('sh -c \'i=0; while [ $i -lt 600 ]; do sleep 20 & i=$((i + 1)); done\' >/dev/null 2>err; tail -1 err; ps -eo comm= | grep -c sleep; pkill sleep; :');
        const [refusal = '', count = '0'] = said.split('\n');
        assert.match(refusal, /fork/i);
        assert(Number(count) > 400 && Number(count) < 512, said);
        return `${refusal}, ${count} had room`;
      }],
      ['no process can gain rights, and root of the container has none over the host', async () => {
        assert.equal(await run('grep -h -e NoNewPrivs -e CapEff /proc/self/status | tr -s "\\t\\n" " "'), 'CapEff: 0000000000000000 NoNewPrivs: 1');
        const [id = ''] = await containersOf(order as OrderView);
        const tries = 'mount -t tmpfs none /mnt; mknod /x b 8 0; ip link add x type dummy; hostname x; echo 1 >/proc/sys/kernel/panic; ls /dev/sda /dev/vda';
        const refused = await docker('exec', id, 'sh', '-c', `for i in 1; do ${tries}; done 2>&1 | wc -l; hostname`);
        assert.match(refused, /^[6-9]\nfogbow-/);
      }],
      ['the engine shows the same', async () => {
        const [id = ''] = await containersOf(order as OrderView);
        const { NanoCpus: cpus, Memory: memory, MemorySwap: swap, PidsLimit: pids, Privileged: privileged, CapDrop: drop, SecurityOpt: options } = JSON.parse(await docker('inspect', '-f', '{{json .HostConfig}}', id)) as Record<string, unknown>;
        assert.deepEqual([cpus, memory, swap, pids, privileged, drop, options], [1e9, 512 * 2 ** 20, 512 * 2 ** 20, 512, false, ['ALL'], ['no-new-privileges']]);
      }],
    ],
  };
}
