/**
 * What a byte and what a file cost, in ms: ms = a × bytes + b × files, by least squares over what was measured, newer
 * measurements more. Ten thousand small files take longer than one of the same size; a rate alone would not show it.
 */

/** Weight of all earlier measurements at each new one. At 5 a second, half of the weight is 7 s old. */
const DECAY = 0.98;

/** Measurements of less time say nothing: the first small file would promise days for the rest. */
const MIN_MEASURED_MS = 1_000;

export class CostEstimate {
  #bytesBytes = 0;
  #bytesFiles = 0;
  #filesFiles = 0;
  #bytesMs = 0;
  #filesMs = 0;
  #measuredMs = 0;

  add({ ms, bytes, files }: { ms: number; bytes: number; files: number }): void {
    this.#measuredMs += ms;
    this.#bytesBytes = this.#bytesBytes * DECAY + bytes * bytes;
    this.#bytesFiles = this.#bytesFiles * DECAY + bytes * files;
    this.#filesFiles = this.#filesFiles * DECAY + files * files;
    this.#bytesMs = this.#bytesMs * DECAY + bytes * ms;
    this.#filesMs = this.#filesMs * DECAY + files * ms;
  }

  /** The ms of what is left; undefined without measurements of it. */
  of(bytes: number, files: number): number | undefined {
    if (this.#measuredMs < MIN_MEASURED_MS) return undefined;
    const { perByte, perFile } = this.#solved();
    if ((bytes > 0 && perByte === undefined) || (perByte === undefined && perFile === undefined))
      return undefined;
    return bytes * (perByte ?? 0) + files * (perFile ?? 0);
  }

  #solved(): { perByte: number | undefined; perFile: number | undefined } {
    const determinant = this.#bytesBytes * this.#filesFiles - this.#bytesFiles ** 2;
    // Nearly proportional measurements, such as files of one size, say nothing about the two parts.
    if (determinant > 1e-6 * this.#bytesBytes * this.#filesFiles) {
      const perByte = (this.#bytesMs * this.#filesFiles - this.#filesMs * this.#bytesFiles) / determinant;
      const perFile = (this.#filesMs * this.#bytesBytes - this.#bytesMs * this.#bytesFiles) / determinant;
      if (perByte >= 0 && perFile >= 0) return { perByte, perFile };
    }
    if (this.#bytesBytes > 0) return { perByte: this.#bytesMs / this.#bytesBytes, perFile: undefined };
    return {
      perByte: undefined,
      perFile: this.#filesFiles > 0 ? this.#filesMs / this.#filesFiles : undefined,
    };
  }
}
