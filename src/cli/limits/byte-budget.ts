/** The bytes of `--max-bytes`. They are soft: files that have begun are finished. */
import type { Output } from '../output/output.js';
import type { ExitName } from '../runner/exit-codes.js';
import { formatSize } from '../values/size.js';

export class ByteBudget {
  readonly #maxBytes: number | undefined;
  #isReached = false;

  /** @param maxBytes - undefined for no limit */
  constructor(maxBytes: number | undefined) {
    this.#maxBytes = maxBytes;
  }

  /** Whether another file may begin, after that number of bytes. */
  allows(bytes: number): boolean {
    if (this.#maxBytes === undefined || bytes < this.#maxBytes) return true;
    this.#isReached = true;
    return false;
  }

  /** The exit code of a command with this budget; one of a failure has precedence. */
  exit(other: ExitName, output: Output): ExitName {
    if (!this.#isReached) return other;
    output.note(
      `The ${formatSize(this.#maxBytes ?? 0)} of --max-bytes are reached. The same command continues.`,
    );
    return other === 'ok' ? 'limit' : other;
  }
}
