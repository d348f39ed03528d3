// What can stop a handler. Each is an exception that the generated code throws through the handler's
// frames; the session turns it into SystemTap's message. Read beside it: stap(1), "SAFETY AND SECURITY".

/** A run-time error of a script: caught by try/catch, else reported and counted against MAXERRORS. */
export class ScriptError extends Error {
  /** The place as SystemTap words it, `operator '/' at f.stp:1:20`; '' if the error bears no place. */
  readonly near: string;
  /** False for what a script's own catch must not see (MAXACTION). */
  readonly catchable: boolean;

  constructor(message: string, near = '', catchable = true) {
    super(message);
    this.near = near;
    this.catchable = catchable;
  }

  /** The line after `ERROR: `. */
  get report(): string {
    return this.near === '' ? this.message : `${this.message} near ${this.near}`;
  }
}

/** A refusal at start-up (an allocation, a bad -G); reported as it is, nothing is run. */
export class StartError extends Error {}
