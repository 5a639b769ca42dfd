/** The process and its surroundings as the commands see them; tests give their own. */
export interface Host {
  readonly surroundings: Surroundings;
  readonly terminal: Terminal;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  now(): Date;
  /** A new UUID. */
  newId(): string;
  /** Runs a program on our own terminal to its end; resolves to its exit status. */
  run(program: string, args: readonly string[]): Promise<number>;
}

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly version: string;
}

export interface Terminal {
  /** A person looks at the output: lines may be redrawn. */
  readonly isInteractive: boolean;
  readonly columns: number;
  readonly rows: number;
  /** Results, to standard output. */
  write(text: string): void;
  /** Notes and progress, to standard error. */
  note(text: string): void;
  /** Asks without showing what is typed; reads standard input to its end where nobody types. */
  askSecret(question: string): Promise<string>;
}
