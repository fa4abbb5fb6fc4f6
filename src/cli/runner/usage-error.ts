/** A mistake in the arguments, in the environment or in a file that they name: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @param message - what is wrong, with the value, then what to write instead */
export function usageError(message: string): UsageError {
  return new UsageError(message);
}
