/** The steps of the flow at which a crash can be staged (FOGBOW_CRASH_AT), in the order in which an order meets them. */
export const CRASH_STEPS = [
  'after-store-order', // durable, no job yet
  'after-claim', // a worker holds the lease
  'after-grant', // the tunnel has opened a port, the database does not know
  'before-cloud-call',
  'after-cloud-call', // a machine exists, the database does not know
  'after-accepted', // the database knows, nothing else does
  'after-sent-away', // pending in the database, the peer does not know
  'after-post-order', // the peer was asked
  'after-store-served', // the peer has stored our order, no job yet
  'before-answer', // the peer's machine is ready, or it has refused, and we do not know
  'after-refusal', // the peer has told us why there is none, and keeps its part of the order yet
  'on-answer', // the answer has arrived, nothing is stored
  'after-answer', // the answer is stored, nothing else
  'on-service-up', // the tunnel says that the machine can be reached
  'on-measured', // the machine has told its time, nobody else knows it
  'after-measured', // the time is known, the machine still lets the Manager in
  'before-ready',
  'after-mark-deleted', // deleted in the database, machine still there
  'after-remember-removed', // the peer will refuse the order from now on, and has it still
  'before-release',
  'after-remove', // machine gone, its tunnel grant still there
  'after-release', // machine and grant gone, the database does not know
  'after-forget-release', // nothing left to remove, the order still there
] as const;
export type CrashStep = (typeof CRASH_STEPS)[number];
