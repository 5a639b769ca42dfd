/** A failure that its message explains to the operator; shown without a stack. Status 2: wrong usage. */
export class SetupFault extends Error {
  override readonly name = 'SetupFault';

  constructor(message: string, readonly status: 1 | 2 = 1) {
    super(message);
  }
}
