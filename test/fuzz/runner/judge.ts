/** Runs one input through its target: the outcome, or a finding. */
import type { Outcome, Target } from '../target.js';

/** An input and its identification. */
export interface NumberedInput {
  readonly number: number;
  readonly input: Buffer;
}

/** An input that violates a promise. */
export class Find extends Error {
  readonly target: string;
  readonly number: number;
  readonly input: Buffer;

  constructor(target: string, { number, input }: NumberedInput, cause: unknown) {
    super(`${target}, input ${number}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.target = target;
    this.number = number;
    this.input = input;
  }
}

/** Runs inputs, and detects uncaught exceptions meanwhile. */
export class Judge {
  readonly #target: Target;
  readonly #strays: unknown[] = [];
  readonly #note = (error: unknown): void => void this.#strays.push(error);

  constructor(target: Target) {
    this.#target = target;
    for (const event of STRAY_EVENTS) process.on(event, this.#note);
  }

  /** Runs an input. Throws a Find. An exception in a callback may be caused by a slightly earlier input. */
  async run(numbered: NumberedInput): Promise<Outcome> {
    try {
      const started = this.#target.run(numbered.input);
      // Most targets need no turn of the event loop, and a million inputs would need a million.
      const outcome = started instanceof Promise ? await started : started;
      const [stray] = this.#strays;
      if (this.#strays.length > 0) throw new Error(`Nobody catches: ${String(stray)}`, { cause: stray });
      return outcome;
    } catch (error) {
      throw new Find(this.#target.name, numbered, error);
    }
  }

  /** Throws a Find for the violation of an input. */
  refuse(numbered: NumberedInput, reason: string): never {
    throw new Find(this.#target.name, numbered, new Error(reason));
  }

  /** Watches no more. */
  stop(): void {
    for (const event of STRAY_EVENTS) process.off(event, this.#note);
  }
}

const STRAY_EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
