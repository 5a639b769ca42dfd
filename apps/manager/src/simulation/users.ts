import { isFogbowError } from '@fogbow/plugin-contracts';
import type { OrderSpec, ResourceKind, UserRef } from '@fogbow/request-model';
import type { Submission } from '../orders/submission.js';
import type { ComposedProcess } from './compose-process.js';
import type { ProcessHost } from './process-host.js';
import type { Promised, Promises } from './promises.js';
import type { SimulatedMember, World } from './simulated-member.js';

export interface UsersOptions {
  readonly world: World;
  readonly members: readonly SimulatedMember[];
  readonly promises: Promises;
}

/** A user's patience with a call that is not answered, and between two tries. */
const PATIENCE_MS = 20_000;
const TRIES = 6;

/** The users of all members: what they order, give back and delete, spread over the storm. */
export function createUsers({ world, members, promises }: UsersOptions): { start(): void } {
  const { time, random, plan } = world;
  const schedule = (from: number, act: () => void): void => void time.after(from + random.next() * (plan.stormMs - from), act);
  const submit = (member: SimulatedMember, kind: ResourceKind, spec: OrderSpec): Promised => {
    const submission = submissionOf(world, kind, spec);
    const promised: Promised = { id: random.uuid(), member: member.id, submission, asked: new Set(), isTaken: false, mayGo: false, mustGo: false, mayClose: false };
    promises.set(promised.id, promised);
    untilDone(world, member, async ({ submit: ask }, host) => {
      promised.asked.add(host);
      // As orders/submit-once.ts knows a repetition.
      await ask({ ...submission, claim: async () => ({ ids: [promised.id], areStored: member.tables.history.has(promised.id) }) }).finally(() => promised.asked.delete(host));
      promised.isTaken = true;
    });
    return promised;
  };
  const remove = (member: SimulatedMember, promised: Promised): void => {
    // Nobody deletes what is still being asked for, and the question of a process that died may still be on its way.
    if ([...promised.asked].some((host) => !host.isDead())) return void time.after(1000, () => remove(member, promised));
    promised.mayGo = true;
    untilDone(world, member, async ({ remove: ask }) => {
      await ask(submissionOwner, promised.id);
      promised.mustGo = true;
    });
  };
  const giveBack = (member: SimulatedMember, promised: Promised): void => {
    promised.mayClose = true;
    // What is on its way ends with its order.
    promised.mayGo = true;
    untilDone(world, member, ({ removeInstance }) => removeInstance(promised.id));
  };
  const order = (): void => {
    const member = random.pick(members);
    for (const promised of wishesOf(world, members, (kind, spec) => submit(member, kind, spec))) {
      if (random.chance(0.3)) time.after(random.skewed(1000, plan.stormMs / 2), () => remove(member, promised));
      else if (random.chance(0.1)) time.after(random.skewed(1000, plan.stormMs / 2), () => giveBack(member, promised));
    }
  };
  return {
    start() {
      for (let count = 0; count < plan.orders; count += 1) schedule(0, order);
    },
  };
}

const submissionOwner: UserRef = { id: 'alice', name: 'Alice' };

function submissionOf({ random, time, plan }: World, kind: ResourceKind, spec: OrderSpec): Submission {
  const isBounded = random.chance(0.05);
  return {
    owner: submissionOwner, count: 1, kind, spec, type: kind === 'compute' && random.chance(0.4) ? 'persistent' : 'one-time',
    ...(isBounded ? { validUntil: new Date(time.now() + 5000 + random.between(0, plan.stormMs)) } : {}),
  };
}

/** One wish: mostly a machine, at times a machine with a volume or on a network. */
function wishesOf({ random }: World, members: readonly SimulatedMember[], submit: (kind: ResourceKind, spec: OrderSpec) => Promised): Promised[] {
  const machine: OrderSpec = {
    ...(random.chance(0.5) ? { flavor: random.pick(['small', 'large']) } : {}),
    ...(random.chance(0.25) ? { requirements: `Glue2CloudComputeManagerID == "${random.pick(members).id}"` } : {}),
  };
  const size = random.next();
  if (size < 0.78) return [submit('compute', machine)];
  if (size < 0.85) return [submit('storage', { sizeGb: 1 + random.below(5) })];
  if (size < 0.92) {
    const network = submit('network', { network: { cidr: '10.10.0.0/24', allocation: 'dynamic' } });
    return [network, submit('compute', { networkOrderIds: [network.id] })];
  }
  const [computer, volume] = [submit('compute', machine), submit('storage', { sizeGb: 1, ...(machine.requirements ? { requirements: machine.requirements } : {}) })];
  return [computer, volume, submit('attachment', { attachment: { computeOrderId: computer.id, volumeOrderId: volume.id } })];
}

/** Calls the member until it answers; an answer that says no is one too. Another call after the first was given up may find what that did. */
function untilDone({ time, random }: World, member: SimulatedMember, call: (process: ComposedProcess, host: ProcessHost) => Promise<void>): void {
  let isDone = false;
  const attempt = (left: number): void => {
    if (isDone || left === 0) return;
    const again = (ms: number): void => void time.after(ms, () => attempt(left - 1));
    const front = member.front();
    const process = front?.serves();
    if (!front || !process) return again(random.between(1000, PATIENCE_MS));
    const disarm = time.after(PATIENCE_MS, () => attempt(left - 1));
    call(process, front.host).then(() => { isDone = true; disarm(); }, (error: unknown) => {
      disarm();
      if (isFogbowError(error) && ['not-found', 'conflict'].includes(error.code)) isDone = true;
      else again(random.between(500, 5000));
    });
  };
  attempt(TRIES);
}
