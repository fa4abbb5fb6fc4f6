/**
 * Ctrl-C, SIGTERM, and a standard output that its reader has closed. The first of them aborts `signal`: a command begins nothing new, keeps its state and ends. The second
 * one ends the process at once.
 */
import { ExitError } from './exit-error.js';
import type { ExitName } from './exit-codes.js';

/** What tells of signals: a process. */
export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(name: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}

const exits = { SIGINT: 'interrupted', SIGTERM: 'terminated' } as const satisfies Record<string, ExitName>;

export class Interruption {
  readonly #controller = new AbortController();
  readonly #source: SignalSource;
  readonly #endNow: (exit: ExitName) => void;
  readonly #listeners = Object.entries(exits).map(([name, exit]) => ({
    name: name as keyof typeof exits,
    listener: () => this.#interrupt(exit),
  }));
  #exit: ExitName | undefined;

  /** @param endNow - called for the second signal */
  constructor(source: SignalSource, endNow: (exit: ExitName) => void) {
    this.#source = source;
    this.#endNow = endNow;
    for (const { name, listener } of this.#listeners) source.on(name, listener);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code of a command that ended because of the signal; undefined without one. */
  get exit(): ExitName | undefined {
    return this.#exit;
  }

  get isOutputClosed(): boolean {
    return this.#exit === 'closedOutput';
  }

  /** Says that the reader of standard output has closed it: as a signal. */
  closedOutput(): void {
    this.#interrupt('closedOutput');
  }

  /** Stops to listen: the next signal does what it does by default. */
  release(): void {
    for (const { name, listener } of this.#listeners) this.#source.off(name, listener);
  }

  #interrupt(exit: ExitName): void {
    if (this.#exit !== undefined) return this.#endNow(exit);
    this.#exit = exit;
    this.#controller.abort(new ExitError(exit, 'Interrupted.'));
  }
}
