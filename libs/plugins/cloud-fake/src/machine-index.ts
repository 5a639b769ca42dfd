import { NOTHING, oneOf, plus } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import type { FakeMachine } from './fake-machine.js';

/** Machines by id and by name, with the use of each account kept in step, so every call is cheap whatever their number. */
export function createMachineIndex() {
  const machines = new Map<string, FakeMachine>();
  const names = new Map<string, string>();
  const use = new Map<string, Amount>();
  const mortal = new Set<FakeMachine>();
  const nameOf = (account: string, clientToken: string): string => `${account}/${clientToken}`;
  const count = ({ account, size }: FakeMachine, sign: 1 | -1): void => {
    const { instances, vcpu, ramMb } = oneOf(size);
    use.set(account, plus(use.get(account) ?? NOTHING, { instances: sign * instances, vcpu: sign * vcpu, ramMb: sign * ramMb }));
  };
  const drop = (id: string): void => {
    const machine = machines.get(id);
    if (!machine) return;
    machines.delete(id);
    mortal.delete(machine);
    const name = nameOf(machine.account, machine.clientToken);
    if (names.get(name) === id) names.delete(name);
    count(machine, -1);
  };
  return {
    drop,
    put(machine: FakeMachine): void {
      drop(machine.id);
      machines.set(machine.id, machine);
      names.set(nameOf(machine.account, machine.clientToken), machine.id);
      if (machine.vanishesAt !== undefined) mortal.add(machine);
      count(machine, 1);
    },
    /** Machines whose time has come give back what they used. Before every read. */
    sweep(now: number): void {
      for (const machine of mortal) if ((machine.vanishesAt ?? Infinity) <= now) drop(machine.id);
    },
    has: (id: string): boolean => machines.has(id),
    get: (id: string): FakeMachine | undefined => machines.get(id),
    named: (account: string, clientToken: string): FakeMachine | undefined => machines.get(names.get(nameOf(account, clientToken)) ?? ''),
    all: (): FakeMachine[] => [...machines.values()],
    used: (account: string): Amount => use.get(account) ?? NOTHING,
  };
}
