/** One input through its target: what comes of it, or a Find. */
import type { Outcome, Target } from './target.js';

/** An input, and which one it is. */
export interface NumberedInput {
  readonly number: number;
  readonly input: Buffer;
}

/** An input that must not do what it does. */
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

/** Runs inputs, and watches what nobody catches meanwhile. */
export class Judge {
  readonly #target: Target;
  readonly #strays: unknown[] = [];
  readonly #note = (error: unknown): void => void this.#strays.push(error);

  constructor(target: Target) {
    this.#target = target;
    for (const event of STRAY_EVENTS) process.on(event, this.#note);
  }

  /** Runs an input. Throws a Find. What strays in a callback may be the doing of an input shortly before. */
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

  /** Throws a Find for what an input has done. */
  refuse(numbered: NumberedInput, reason: string): never {
    throw new Find(this.#target.name, numbered, new Error(reason));
  }

  /** Watches no more. */
  stop(): void {
    for (const event of STRAY_EVENTS) process.off(event, this.#note);
  }
}

const STRAY_EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
