import { FogbowError } from '@fogbow/plugin-contracts';
import type { PageWish } from './page-wish.js';

/** For a new member when the table is full. */
export const fullTable = (): FogbowError => new FogbowError('too-many-requests', 'The federation has no room for another member.');

/** For a page that stands nowhere. */
export const noSuchPage = (wish: PageWish): FogbowError =>
  new FogbowError('not-found', `${'id' in wish ? `${wish.id} is not a member` : 'The list is not so long'}; begin with the first page.`);
