/** The optional parts of the protocol that `hello` and `welcome` name. */

/** The form of the id of a session. */
export const sessionIdPattern = /^[0-9a-f]{32}$/;

/** The words of a `features` field, known or not. */
export function parseFeatures(text: string | undefined): ReadonlySet<string> {
  return new Set(text === undefined ? [] : text.split(','));
}
