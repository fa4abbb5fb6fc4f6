/** The names of shared methods. */
const METHOD_NAME = /^[A-Za-z_][\w.:/-]{0,99}$/;

/** Whether a text can name a method: a letter or `_`, and up to 99 letters, digits, `_`, `.`, `:`, `/` and `-`. */
export function isMethodName(name: unknown): name is string {
  return typeof name === 'string' && METHOD_NAME.test(name);
}

/** Returns the name. Throws a TypeError if a text cannot name a method. */
export function methodName(name: unknown): string {
  if (isMethodName(name)) return name;
  throw new TypeError(
    `The name of a method must begin with a letter or _ and have at most 100 letters, digits, _ . : / and -, not ${String(name)}.`,
  );
}
