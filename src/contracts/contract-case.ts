/** One claim of a contract. */
export interface ContractCase {
  /** The claim, as a sentence in the present tense. */
  readonly name: string;
  /** Throws or rejects if the claim does not hold. */
  run(): void | Promise<void>;
}
