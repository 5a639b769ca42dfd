import type { Migration } from '@fogbow/storage';
import { ordersMigration } from './0001-orders.js';
import { jsonApiMigration } from './0002-json-api.js';
import { eventsMigration } from './0003-events.js';
import { listingMigration } from './0004-listing.js';
import { resourcesMigration } from './0005-resources.js';
import { memberCertificatesMigration } from './0006-member-certificates.js';
import { sharingMigration } from './0007-sharing.js';
import { memberKeysMigration } from './0008-member-keys.js';
import { memberRoomMigration } from './0009-member-room.js';
import { measurementsMigration } from './0010-measurements.js';
import { tunnelHostsMigration } from './0011-tunnel-hosts.js';

/** The Manager's schema, step by step. */
export const MIGRATIONS: readonly Migration<unknown>[] = [
  ordersMigration, jsonApiMigration, eventsMigration, listingMigration, resourcesMigration, memberCertificatesMigration, sharingMigration, memberKeysMigration,
  memberRoomMigration, measurementsMigration, tunnelHostsMigration,
];
