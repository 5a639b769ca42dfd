/** Something that must never be so. */
export class Violation extends Error {
  /** `orders`: those that it is about, for the trace. */
  constructor(message: string, readonly orders: readonly string[] = []) {
    super(message);
    this.name = 'Violation';
  }
}
