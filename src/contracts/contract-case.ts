/** One claim of a contract: `run` returns, or resolves, when the implementation keeps it, and throws when not. */
export interface ContractCase {
  /** The claim, as a sentence in the present tense. */
  readonly name: string;
  run(): void | Promise<void>;
}
