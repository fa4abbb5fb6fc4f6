/** What one identity stores, as numbers: what is stored, and what is reserved for what is being stored. */
import type { Quota } from '../identity.js';

/** Bytes, and files and directories; negative where something is given back. */
export interface Usage {
  readonly bytes: number;
  readonly files: number;
}

/** No amount. */
export const nothing: Usage = { bytes: 0, files: 0 };

/** Both amounts together. */
export function plus(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes + other.bytes, files: one.files + other.files };
}

/** The first amount without the second. */
export function minus(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes - other.bytes, files: one.files - other.files };
}

/** Whether a quota asks how much is stored, not only how large one file is. */
export function countsUsage({ bytes, files }: Quota): boolean {
  return bytes !== undefined || files !== undefined;
}

export class QuotaLedger {
  #stored: Usage | undefined;
  #reserved: Usage = nothing;

  /** What is stored; undefined if that is not known. */
  get stored(): Usage | undefined {
    return this.#stored;
  }

  /** Whether room is reserved. */
  get isReserving(): boolean {
    return this.#reserved.bytes > 0 || this.#reserved.files > 0;
  }

  /** What is stored has been counted, while nothing changed; undefined if that is not known any more. */
  measured(stored: Usage | undefined): void {
    this.#stored = stored;
  }

  /** Something has been stored, or removed. */
  changed(change: Usage): void {
    if (!this.#stored) return;
    const { bytes, files } = plus(this.#stored, change);
    // Others may have removed more than was known of.
    this.#stored = { bytes: Math.max(0, bytes), files: Math.max(0, files) };
  }

  /**
   * Whether so much more may be stored, once so much less is reserved. Who wants no more may have more than the quota,
   * which perhaps was larger once.
   */
  fits(more: Usage, quota: Quota, less: Usage = nothing): boolean {
    const used = this.#used;
    return (
      (more.bytes <= 0 || used.bytes - less.bytes + more.bytes <= (quota.bytes ?? Infinity)) &&
      (more.files <= 0 || used.files - less.files + more.files <= (quota.files ?? Infinity))
    );
  }

  /** Whether more is stored and reserved than the quota allows. */
  exceeds(quota: Quota): boolean {
    const { bytes, files } = this.#used;
    return bytes > (quota.bytes ?? Infinity) || files > (quota.files ?? Infinity);
  }

  /** Reserves so much more, whatever the quota says. */
  reserve(more: Usage): void {
    this.#reserved = plus(this.#reserved, more);
  }

  /** Gives back what was reserved. */
  release(amount: Usage): void {
    this.#reserved = minus(this.#reserved, amount);
  }

  get #used(): Usage {
    return plus(this.#stored ?? nothing, this.#reserved);
  }
}
