/** One claim of a contract: `run` returns, or resolves, when the implementation keeps it, and throws when not. */
export interface ContractCase {
  /** The claim, as a sentence in the present tense. */
  readonly name: string;
  /** Runs the case; throws or rejects if the claim does not hold. */
  run(): void | Promise<void>;
}
