import { FogbowError } from '@fogbow/plugin-contracts';
import { NOTHING, oneOf } from '@fogbow/request-model';
import type { Quota } from '@fogbow/request-model';
import { createRememberedRoom } from './remembered-room.js';

const takes = oneOf({ vcpu: 1, ramMb: 512 });
const quota = (used: number): Quota => ({ limit: { instances: 2, vcpu: Infinity, ramMb: Infinity }, used: { ...NOTHING, instances: used } });

function room(...answers: (Quota | Error | 'silence')[]) {
  let asked = 0;
  let now = 0;
  const ask = async (): Promise<Quota> => {
    const answer = answers[asked++] ?? answers.at(-1);
    if (answer === 'silence') return await new Promise(() => undefined);
    if (answer instanceof Error) throw answer;
    return answer as Quota;
  };
  const { refusalOf, forget, isSilent } = createRememberedRoom({ ask, clock: { uptime: () => now }, patienceMs: 50 });
  return { forget, isSilent, refusalOf: () => refusalOf(takes), asked: () => asked, later: () => { now += 2000; } };
}

test('it is asked once for all who come together, and again after a while', async () => {
  const under = room(quota(1), quota(2));
  expect(await Promise.all([under.refusalOf(), under.refusalOf()])).toEqual([undefined, undefined]);
  expect([await under.refusalOf(), under.asked()]).toEqual([undefined, 1]);
  under.later();
  expect([await under.refusalOf(), under.asked()]).toEqual([{ code: 'quota-exceeded', reason: 'no room: instances used up' }, 2]);
});

test('whoever was silent is waited for once, and taken back when it answers', async () => {
  const under = room('silence', quota(0));
  expect([await under.refusalOf(), under.isSilent()]).toMatchObject([{ code: 'cloud-unavailable' }, true]);
  under.later();
  expect([await under.refusalOf(), under.asked()]).toMatchObject([{ code: 'cloud-unavailable' }, 2]);
  await new Promise(setImmediate);
  expect([under.isSilent(), await under.refusalOf()]).toEqual([false, undefined]);
});

test('a full cloud is asked anew by everybody, for room may have come', async () => {
  const under = room(quota(2), quota(1));
  expect(await under.refusalOf()).toMatchObject({ code: 'quota-exceeded' });
  expect([await under.refusalOf(), under.asked()]).toEqual([undefined, 2]);
});

test('it is asked again at once after it proved untrue', async () => {
  const under = room(quota(0), quota(2));
  await under.refusalOf();
  under.forget();
  expect(await under.refusalOf()).toMatchObject({ code: 'quota-exceeded' });
});

test.each<[Error, unknown]>([
  [new FogbowError('cloud-unauthorized', 'no'), { code: 'cloud-unauthorized', reason: 'no' }],
  [new FogbowError('cloud-rejected', 'the account may not ask'), undefined],
  [new TypeError('secret'), { code: 'cloud-unavailable', reason: 'the cloud does not answer' }],
])('after %s', async (fault, refusal) => expect(await room(fault).refusalOf()).toEqual(refusal));
