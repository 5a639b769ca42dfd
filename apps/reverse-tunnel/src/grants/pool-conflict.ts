/** Another host was quicker. What it did is known here now, so that the same wish is decided anew. */
export class PoolConflict extends Error {
  override readonly name = 'PoolConflict';

  /** `taken`: the port that somebody else holds, or held a moment ago. */
  constructor(message: string, readonly taken?: { readonly port: number; readonly holder: string }) {
    super(message);
  }
}
