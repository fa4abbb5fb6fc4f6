/** A document in which some parts are written by a program, between `<!-- measured: name -->` and `<!-- /measured -->`. */
// @ts-check

const PART = /(<!-- measured: (\w+) -->\n)[\s\S]*?<!-- \/measured -->/g;

/**
 * Writes parts where they belong. Throws an Error if the document asks for another part, or does not ask for one of these:
 * then what it says would be of another day.
 *
 * @param {string} document
 * @param {Record<string, string>} parts
 */
export function fill(document, parts) {
  const missing = new Set(Object.keys(parts));
  const filled = document.replace(PART, (_, /** @type {string} */ begin, /** @type {string} */ name) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`Nothing was measured for the part "${name}".`);
    missing.delete(name);
    return `${begin}\n${part}\n\n<!-- /measured -->`;
  });
  if (missing.size > 0) throw new Error(`The document has no place for: ${[...missing].join(', ')}.`);
  return filled;
}
