/** The hook `after` of a server. No request waits for it, so that its calls are bounded in number and in time. */
import { nextTick } from '../../clock.js';
import { TransferError } from '../../errors.js';
import { Deadline } from '../../session/timers/deadline.js';
import type { HookOutcome } from './hook-request.js';
import type { HookSettings } from './options.js';

/** Unfinished calls of one server: with the place that each takes, about 10 MB. Beyond it, outcomes are only reported as errors. */
const MAX_CALLS = 10_000;

/** Told of each call that has failed. */
export type HookErrorListener = (error: TransferError, outcome: HookOutcome) => void;

/** The hook of a server; undefined if it has none. */
export function afterHook(
  { after, afterMs }: HookSettings,
  onError: HookErrorListener,
): AfterHook | undefined {
  return after && new AfterHook(after, afterMs, onError);
}

export class AfterHook {
  readonly #hook: NonNullable<HookSettings['after']>;
  readonly #limitMs: number;
  readonly #onError: HookErrorListener;
  #calls = 0;
  #onIdle: (() => void) | undefined;

  constructor(hook: NonNullable<HookSettings['after']>, limitMs: number, onError: HookErrorListener) {
    this.#hook = hook;
    this.#limitMs = limitMs;
    this.#onError = onError;
  }

  /** Calls the hook soon. */
  run(outcome: HookOutcome): void {
    const fail = (error: TransferError): void => this.#onError(error, outcome);
    if (this.#calls >= MAX_CALLS) {
      const error = new TransferError('EAGAIN', `The hook after has ${MAX_CALLS} unfinished calls.`);
      return nextTick(() => fail(error));
    }
    this.#calls += 1;
    void this.#settled(outcome).then((error) => {
      this.#calls -= 1;
      if (this.#calls === 0) this.#onIdle?.();
      // In another tick: an exception of a listener must not reach this promise.
      if (error) nextTick(() => fail(error));
    });
  }

  /** Resolves when no call is unfinished. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      if (this.#calls === 0) resolve();
    });
  }

  #settled(outcome: HookOutcome): Promise<TransferError | undefined> {
    return new Promise((resolve) => {
      const reason = `The hook after has not ended within ${this.#limitMs} ms.`;
      const onTimeout = (): void => resolve(new TransferError('ETIMEDOUT', reason));
      const deadline = new Deadline(this.#limitMs, onTimeout).unref();
      Promise.resolve(outcome)
        .then(this.#hook)
        .then(
          () => resolve(undefined),
          (cause: unknown) => resolve(new TransferError('EIO', 'The hook after failed.', { cause })),
        )
        .finally(() => deadline.stop());
    });
  }
}
