/** Tells what was found: a line each, with a hint for what fails. */
import type { Output } from '../output/output.js';
import type { ExitName } from '../runner/exit-codes.js';

/** What a check has found. */
export interface Finding {
  readonly check: string;
  readonly message: string;
  /** What to do about a failure. */
  readonly hint?: string | undefined;
  /** The exit code of a failure. */
  readonly exit?: ExitName | undefined;
}

/** Columns of the longest name of a check. */
const CHECK_COLUMNS = 12;

export class DoctorReport {
  readonly #output: Output;
  #exit: ExitName = 'ok';

  constructor(output: Output) {
    this.#output = output;
  }

  /** The exit code of the first failure. */
  get exit(): ExitName {
    return this.#exit;
  }

  passed(check: string, message: string): void {
    this.#output.event('finding', { check, status: 'passed', message });
    this.#output.print(['green', '✓'], ` ${check.padEnd(CHECK_COLUMNS)} ${message}`);
  }

  /** Something that could not be found out, or is not there and need not be. */
  skipped(check: string, message: string): void {
    this.#output.event('finding', { check, status: 'skipped', message });
    this.#output.print(['dim', '-'], ` ${check.padEnd(CHECK_COLUMNS)} ${message}`);
  }

  failed({ check, message, hint, exit = 'connection' }: Finding): void {
    if (this.#exit === 'ok') this.#exit = exit;
    this.#output.event('finding', { check, status: 'failed', message, hint });
    this.#output.print(['red', '✗'], ` ${check.padEnd(CHECK_COLUMNS)} ${message}`);
    if (hint !== undefined) this.#output.print(['yellow', `  Hint: ${hint}`]);
  }
}
