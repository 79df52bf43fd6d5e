/** A stream to write text on, and whether a person looks at it. */
export type Terminal = NodeJS.WritableStream & { isTTY?: boolean };

/** What the program takes from the process around it. Only main.ts touches the process itself. */
export interface CliWorld {
  environment: Record<string, string | undefined>;
  stdout: Terminal;
  stderr: Terminal;
  /** Aborts when the user interrupts. */
  interrupted: AbortSignal;
}
