import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

/** What a member publishes through the Rendezvous, as it was named last; whether it is believed is decided where it is used. */
export const memberCertificatesMigration: Migration<unknown> = {
  name: '0006-member-certificates',
  up: async (transaction) => void await sql`alter table members add column certificate text`.execute(transaction),
};
