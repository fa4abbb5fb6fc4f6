/** The arithmetic of progress: rate, percentage, time left. It knows no clock and no terminal. */
import { CostEstimate } from './cost-estimate.js';

/** How far a command is. Bytes are those that are stored, not those that were sent. */
export interface TransferState {
  readonly bytes: number;
  /** Undefined until it is known. */
  readonly bytesTotal: number | undefined;
  readonly files: number;
  readonly filesTotal: number | undefined;
  /** Entries that were found so far. */
  readonly scanned: number;
  /** Whether the totals are final. */
  readonly isPlanned: boolean;
  /** The files that are being transferred, if they are known. */
  readonly current: readonly {
    readonly name: string;
    readonly bytes: number;
    readonly total: number | undefined;
  }[];
}

/** What is shown. */
export interface ProgressView {
  readonly state: TransferState;
  /** Bytes a second, over the last 5 s. */
  readonly bytesPerSecond: number;
  /** 0 to 100; never falls. Undefined until the totals are final. */
  readonly percent: number | undefined;
  /** Undefined until there is an estimate, and while nothing moves. */
  readonly leftMs: number | undefined;
  /** Time without a byte or a file, if it is noticeable. */
  readonly stalledMs: number | undefined;
}

/** Window of the rate. Shorter ones jump, longer ones hide a stall. */
const WINDOW_MS = 5_000;

/** Time without a byte after which a transfer is called stalled. */
const STALL_MS = 3_000;

/** Samples of a window: one in 100 ms. */
const MAX_SAMPLES = WINDOW_MS / 100;

export class ProgressMeter {
  #samples: { at: number; bytes: number }[] = [];
  #percent = 0;
  #movedAt: number | undefined;
  #last: { at: number; bytes: number; files: number } | undefined;
  readonly #cost = new CostEstimate();

  /** Takes the state at a time in ms, and returns what to show. */
  view(state: TransferState, now: number): ProgressView {
    this.#sample(state, now);
    const stalledMs = now - (this.#movedAt ?? now);
    const isStalled = stalledMs >= STALL_MS;
    return {
      state,
      bytesPerSecond: this.#rate(now),
      percent: this.#nextPercent(state),
      leftMs: isStalled ? undefined : this.#left(state),
      stalledMs: isStalled ? stalledMs : undefined,
    };
  }

  #sample({ bytes, files, scanned }: TransferState, now: number): void {
    const last = this.#last;
    if (last && now > last.at && (bytes > last.bytes || files > last.files)) {
      this.#cost.add({ ms: now - last.at, bytes: bytes - last.bytes, files: files - last.files });
    }
    // Looking for files is progress, too.
    if (!last || bytes !== last.bytes || files !== last.files || scanned !== this.#scanned)
      this.#movedAt = now;
    if (!last || bytes !== last.bytes || files !== last.files) this.#last = { at: now, bytes, files };
    this.#scanned = scanned;
    this.#samples.push({ at: now, bytes });
    while (this.#samples.length > MAX_SAMPLES || (this.#samples[1]?.at ?? now) <= now - WINDOW_MS)
      this.#samples.shift();
  }

  #scanned = 0;

  #rate(now: number): number {
    const [oldest] = this.#samples;
    const newest = this.#samples.at(-1);
    if (!oldest || !newest || now <= oldest.at) return 0;
    return Math.max(0, ((newest.bytes - oldest.bytes) * 1_000) / (now - oldest.at));
  }

  /** By bytes, or by files if there are no bytes. It rounds down: 100 is the end. */
  #nextPercent({ bytes, bytesTotal, files, filesTotal, isPlanned }: TransferState): number | undefined {
    if (!isPlanned) return undefined;
    const share = bytesTotal ? bytes / bytesTotal : filesTotal ? files / filesTotal : undefined;
    if (share === undefined) return undefined;
    this.#percent = Math.max(this.#percent, Math.min(100, Math.floor(share * 100)));
    return this.#percent;
  }

  #left({ bytes, bytesTotal, files, filesTotal, isPlanned }: TransferState): number | undefined {
    if (!isPlanned || bytesTotal === undefined) return undefined;
    return this.#cost.of(Math.max(0, bytesTotal - bytes), Math.max(0, (filesTotal ?? files) - files));
  }
}
