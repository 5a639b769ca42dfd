export { openDatabase } from './open-database.js';
export type { DatabaseOptions } from './open-database.js';
export { createRoomWatch } from './room-watch.js';
export type { RoomWatch } from './room-watch.js';
export { migrate } from './migrate.js';
export type { Migration } from './migrate.js';
export { isDatabaseAway, isDiskFull } from './is-database-away.js';
export { PREPARED, PREPARED_TUPLES } from './prepared-statements.js';
