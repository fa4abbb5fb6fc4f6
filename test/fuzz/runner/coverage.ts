/** The code that has run, as V8 counts it: block by block, of the script that this is part of. */
import { Session, type Profiler } from 'node:inspector';

export class Coverage {
  readonly #session = new Session();
  readonly #known = new Set<string>();
  readonly #script: string;

  /** @param script - the URL of the script whose code counts */
  constructor(script: string) {
    this.#script = script;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Blocks that are known. */
  get blocks(): number {
    return this.#known.size;
  }

  /** The blocks that have run since the last call and are not known yet. */
  fresh(): string[] {
    const found: string[] = [];
    for (const { functions } of this.#take()) {
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const block = `${startOffset}-${endOffset}`;
          if (count > 0 && !this.#known.has(block)) found.push(block);
        }
      }
    }
    return found;
  }

  /** Makes blocks known. */
  learn(blocks: readonly string[]): void {
    for (const block of blocks) this.#known.add(block);
  }

  /** Counts no more. */
  close(): void {
    this.#session.disconnect();
  }

  #take(): Profiler.ScriptCoverage[] {
    let scripts: Profiler.ScriptCoverage[] = [];
    // It calls back before it returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error === null) scripts = result.filter(({ url }) => url === this.#script);
    });
    return scripts;
  }
}
