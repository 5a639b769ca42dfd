declare module 'ssh2/lib/protocol/crypto.js' {
  /** True when the compiled addon was found; without it encryption costs about twice the CPU. */
  export const bindingAvailable: boolean;
}
