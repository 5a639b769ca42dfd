/** A fault of the surroundings, told in one sentence for the person at the terminal; no stack is of use to them. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
