import fc from 'fast-check';
import type { Favours, MemberId } from '@fogbow/request-model';

/** Members of a small federation, so that chance lets them meet often. */
export const someMember = fc.stringMatching(/^[a-e]{1,2}\.example$/);

const amount = fc.oneof(fc.constantFrom(0, 1, 10), fc.double({ min: 0, max: 1e6, noNaN: true }));

/** What everybody did for everybody; who is not in it did nothing. */
export const someFavours: fc.Arbitrary<Readonly<Record<MemberId, Favours>>> = fc.dictionary(someMember, fc.record({ consumed: amount, donated: amount }), { maxKeys: 8 });
