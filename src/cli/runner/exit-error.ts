import type { ExitName } from './exit-codes.js';

/** An error that a command finds itself, with its exit code. */
export class ExitError extends Error {
  override readonly name = 'ExitError';
  readonly exit: ExitName;
  /** A code for programs, as those of the library. */
  readonly code: string | undefined;

  constructor(exit: ExitName, message: string, details: { code?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.exit = exit;
    this.code = details.code;
  }
}
