import { FogbowError } from '@fogbow/plugin-contracts';
import { chooseAddresses } from './choose-addresses.js';
import type { ContainerFacts, EngineContainers } from './engine-containers.js';
import { ownLabels } from './labels.js';
import { imageFor } from './machine-spec.js';
import { placeContainer } from './place-container.js';
import { createTurns } from './turns.js';

const own = { prefix: 'c', memberId: 'm' };
const facts = (status: string, memberId = 'm'): ContainerFacts => ({ id: 'x', labels: ownLabels({ ...own, memberId }, 't'), createdAt: new Date(0), status });

/** What the engine answers, in this order; it must be asked for no more. */
function place(answers: readonly (string | undefined | ContainerFacts | Error)[], signal = new AbortController().signal): { readonly result: Promise<string>; readonly asked: string[] } {
  const left = [...answers];
  const asked: string[] = [];
  const next = (what: string): Promise<never> => {
    asked.push(what);
    const answer = left.shift();
    return (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) as Promise<never>;
  };
  const containers: EngineContainers = {
    create: () => next('create'), inspect: () => next('inspect'), remove: () => next('remove'), list: () => next('list'), connect: () => next('connect'), tell: () => next('tell'),
    setRestartPolicy: () => next('policy'),
  };
  return { result: placeContainer({ containers, own, name: 'c-t', spec: {}, image: undefined, signal }), asked };
}

describe('a container is made once', () => {
  it.each<[string, readonly (string | undefined | ContainerFacts)[], string, readonly string[]]>([
    ['by us', ['new'], 'new', ['create']],
    ['by another process that was first', [undefined, facts('created')], 'x', ['create', 'inspect']],
    ['by another that holds the name and shows nothing yet', [undefined, undefined, undefined, facts('running')], 'x', ['create', 'inspect', 'create', 'inspect']],
    ['when the last of the name is gone', [undefined, facts('removing'), 'new'], 'new', ['create', 'inspect', 'create']],
    ['when a removal that came to nothing is finished', [undefined, facts('dead'), undefined, 'new'], 'new', ['create', 'inspect', 'remove', 'create']],
  ])('%s', async (_name, answers, id, calls) => {
    const { result, asked } = place(answers);
    expect(await result).toBe(id);
    expect(asked).toEqual(calls);
  });

  it('not where somebody else has the name', async () => {
    await expect(place([undefined, facts('running', 'other')]).result).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringContaining('not of this cloud') as string });
  });

  it('not without its image, and says how to get it', async () => {
    await expect(place([new FogbowError('not-found', 'No such image: x.')]).result).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringContaining('build.sh') as string });
  });

  it('not after its caller has gone', async () => {
    await expect(place([undefined, facts('removing')], AbortSignal.timeout(20)).result).rejects.toMatchObject({ code: 'cloud-unavailable' });
  });
});

it('chooses the lowest addresses that no machine has, and never the gateway', () => {
  const network = { id: 'n', cidr: '10.0.0.0/29', gateway: '10.0.0.1', allocation: 'dynamic', state: 'active' } as const;
  const taken = [{ networkId: 'n', address: '10.0.0.2' }, { networkId: 'other', address: '10.0.0.3' }];
  expect(chooseAddresses(['n'], [network], taken)).toEqual([{ networkId: 'n', address: '10.0.0.3' }]);
  expect(() => chooseAddresses(['none'], [network], [])).toThrow(expect.objectContaining({ code: 'not-found' }) as Error);
  expect(() => chooseAddresses(['n'], [{ ...network, cidr: '10.0.0.0/30' }], taken)).toThrow(expect.objectContaining({ code: 'quota-exceeded' }) as Error);
});

it('knows images by name and by reference', () => {
  const options = { images: { a: 'one:1', b: 'two:1' }, image: 'a', network: 'bridge', pids: 1, diskQuota: false, sshUsername: 'x' };
  expect([undefined, 'b', 'two:1'].map((wanted) => imageFor(options, wanted))).toEqual(['one:1', 'two:1', 'two:1']);
  expect(() => imageFor(options, 'c')).toThrow(expect.objectContaining({ code: 'cloud-rejected' }) as Error);
});

it('takes turns, also after one that failed, and leaves out whose time is over', async () => {
  const turns = createTurns();
  const { signal } = new AbortController();
  const order: number[] = [];
  const outcomes = await Promise.allSettled([
    turns.take(signal, async () => { await Promise.resolve(); order.push(1); throw new Error('no'); }),
    turns.take(AbortSignal.abort(), () => Promise.resolve(order.push(2))),
    turns.take(signal, () => Promise.resolve(order.push(3))),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  expect(order).toEqual([1, 3]);
});
