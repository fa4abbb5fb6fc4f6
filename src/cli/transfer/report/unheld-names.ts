/** Names that the other side cannot hold. They are told together at the end, where many lines of progress cannot hide them. */
import type { SyncAction } from '../../../index.js';
import type { Output } from '../../output/output.js';

/** Names that are listed; `--json` tells all of them. */
const MAX_LISTED = 1_000;

const reasons: ReadonlySet<SyncAction['reason']> = new Set(['name', 'collision']);
const codes: ReadonlySet<string | undefined> = new Set(['EILSEQ', 'ENAMETOOLONG']);

export class UnheldNames {
  readonly #lines: string[] = [];
  #count = 0;

  /** Whether a problem or the code of an error is about a name. */
  static has({ reason, code }: { reason?: SyncAction['reason']; code?: string | undefined }): boolean {
    return (reason !== undefined && reasons.has(reason)) || codes.has(code);
  }

  add(path: string, message: string): void {
    this.#count += 1;
    if (this.#count <= MAX_LISTED) this.#lines.push(`${path}: ${message}`);
  }

  /** Writes the list, if there is something to list. */
  write(output: Output): void {
    if (this.#count === 0) return;
    const names = this.#count === 1 ? '1 name' : `${this.#count} names`;
    output.error(`${names} that the other side cannot hold, see --encode-names:`);
    for (const line of this.#lines) output.error(line);
    if (this.#count > MAX_LISTED)
      output.error(`${this.#count - MAX_LISTED} more are not listed; --json lists all.`);
  }
}
