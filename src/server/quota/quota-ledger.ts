/** The numbers of one quota account: the stored usage, and the usage reserved for versions that are being written. */
import type { Quota } from '../identity.js';
import { minus, noUsage, plus, type Usage } from './usage.js';

export class QuotaLedger {
  /** Undefined while it is not known. */
  stored: Usage | undefined;
  #reserved: Usage = noUsage;

  get hasReservations(): boolean {
    return this.#reserved.bytes > 0 || this.#reserved.files > 0;
  }

  /** Adds a change to the stored usage, if that is known. */
  change(change: Usage): void {
    if (!this.stored) return;
    const { bytes, files } = plus(this.stored, change);
    // Below 0 if another program has removed more than this account has counted.
    this.stored = { bytes: Math.max(0, bytes), files: Math.max(0, files) };
  }

  /** Whether `more` fits in the quota after `freed` is released. A change that needs no more always fits. */
  fits(more: Usage, quota: Quota, freed: Usage = noUsage): boolean {
    const used = minus(this.used, freed);
    return (
      (more.bytes <= 0 || used.bytes + more.bytes <= (quota.bytes ?? Infinity)) &&
      (more.files <= 0 || used.files + more.files <= (quota.files ?? Infinity))
    );
  }

  /** Whether more is stored and reserved than the quota allows. */
  exceeds(quota: Quota): boolean {
    const { bytes, files } = this.used;
    return bytes > (quota.bytes ?? Infinity) || files > (quota.files ?? Infinity);
  }

  /** Reserves without a check. */
  reserve(more: Usage): void {
    this.#reserved = plus(this.#reserved, more);
  }

  release(usage: Usage): void {
    this.#reserved = minus(this.#reserved, usage);
  }

  /** Stored and reserved usage. */
  get used(): Usage {
    return plus(this.stored ?? noUsage, this.#reserved);
  }
}
