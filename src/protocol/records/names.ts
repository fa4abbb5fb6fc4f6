/** The names of types and fields: one grammar for all notations that write them. */

const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Whether a text can be the name of a type or a field. */
export function isName(text: string): boolean {
  return NAME.test(text);
}
