// What can stop a handler: an exception that generated code or a built-in throws through the handler's
// frames; the session turns it into SystemTap's message. Read beside it: stap(1), "SAFETY AND SECURITY".

/** A run-time error of a script: caught by try/catch, else reported and counted against MAXERRORS. */
export class ScriptError extends Error {
  /** Report the place (State.site) with it. */
  readonly placed: boolean;
  /** A script's own try/catch must not catch it (MAXACTION). */
  readonly fatal: boolean;

  constructor(message: string, options: { placed?: boolean; fatal?: boolean } = {}) {
    super(message);
    this.placed = options.placed ?? true;
    this.fatal = options.fatal ?? false;
  }
}

/** A refusal at start-up (an allocation, a bad -G); reported as it is, nothing is run. */
export class StartError extends Error {
  /** Warnings that explain it, each without `WARNING: `. */
  readonly warnings: readonly string[];

  constructor(message: string, warnings: readonly string[] = []) {
    super(message);
    this.warnings = warnings;
  }
}

/** abort(): ends the handler at once; no error, and no try/catch of the script sees it. */
export class HandlerAbort extends Error {
  constructor() {
    super('abort');
  }
}
