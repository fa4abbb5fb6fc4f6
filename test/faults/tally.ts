/** Sums up the outcomes of many small sessions. */
import { expect } from 'vitest';
import type { AuditedStorage } from './audited-storage.js';
import { askedBy, type SessionOutcome } from './small-session.js';

/** Milliseconds that a session may take at most: its timeouts, several times over, on a busy machine. */
const MAX_SESSION_MS = 15_000;

export class Tally {
  #sessions = 0;
  #done = 0;
  #slowestMs = 0;
  readonly #codes = new Map<string, number>();
  readonly #wrong: string[] = [];

  /** Counts a session in. */
  add({ done, codes, wrong, ms }: SessionOutcome): void {
    this.#sessions += 1;
    this.#done += done;
    this.#slowestMs = Math.max(this.#slowestMs, ms);
    this.#wrong.push(...wrong);
    for (const code of codes) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  /** Fails if an outcome was wrong, late, or an unrequested change. */
  judge({ changes }: AuditedStorage): void {
    const asked = new Set(Array.from({ length: this.#sessions }, (_, number) => askedBy(number)).flat());
    expect(this.#wrong).toEqual([]);
    expect([...changes].filter((change) => !asked.has(change))).toEqual([]);
    expect(this.#slowestMs).toBeLessThan(MAX_SESSION_MS);
  }

  get numbers(): Record<string, number | string> {
    const codes = [...this.#codes].map(([code, count]) => `${code} ${count}`).join(' ');
    return {
      sessions: this.#sessions,
      'requests done': this.#done,
      'failed with a code': codes === '' ? 'none' : `(${codes})`,
      'ms the slowest session': Math.round(this.#slowestMs),
    };
  }
}
