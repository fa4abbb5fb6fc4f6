/** Tells what becomes of each change, and collects the exit code of all. */
import type { CommandContext } from '../runner/command-context.js';
import type { ExitName } from '../runner/exit-codes.js';
import { errorCode, exitOf } from '../runner/exit-of.js';

/** What a change is about. */
export interface ChangedPaths {
  readonly path: string;
  readonly target?: string | undefined;
}

export class ChangeTally {
  readonly #kind: string;
  readonly #context: CommandContext;
  readonly #failures: ExitName[] = [];
  #done = 0;

  constructor(kind: string, context: CommandContext) {
    this.#kind = kind;
    this.#context = context;
  }

  /**
   * Makes a change. A failure is told, and rejects only if no other change could succeed: without a connection, or after
   * an interruption. A result of undefined is told by the function itself.
   */
  async run(paths: ChangedPaths, change: () => Promise<'done' | 'skipped' | undefined>): Promise<void> {
    const { output, signal } = this.#context;
    try {
      const status = await change();
      if (status === undefined) return;
      this.#done += 1;
      output.event('action', { kind: this.#kind, ...paths, status, bytes: 0 });
      output.detail(`${status}: ${this.#kind} ${paths.path}${targetText(paths)}`);
    } catch (error) {
      if (signal.aborted || exitOf(error) === 'connection') throw error;
      const message = error instanceof Error ? error.message : String(error);
      this.#failures.push(exitOf(error));
      const failure = { status: 'failed', bytes: 0, code: errorCode(error), message };
      output.event('action', { kind: this.#kind, ...paths, ...failure });
      output.error(message);
    }
  }

  /** That of the failures if all have the same and nothing was done, otherwise that of a part. */
  exit(): ExitName {
    const [first] = this.#failures;
    if (first === undefined) return 'ok';
    return this.#done === 0 && this.#failures.every((exit) => exit === first) ? first : 'partial';
  }
}

function targetText({ target }: ChangedPaths): string {
  return target === undefined ? '' : ` -> ${target}`;
}
