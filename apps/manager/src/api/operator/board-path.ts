/** Where the board of the queues is, below the API. */
export const BOARD_PATH = '/operator/queues';
