// @ts-check
/** Text with the escape sequences of styles, as pieces of one style each. */

/** The classes of the picture for the parameters of SGR; an empty one ends a color or an intensity. */
const classes = /** @type {Record<string, { kind: 'color' | 'ground' | 'weight', name: string }>} */ ({
  1: { kind: 'weight', name: 'bold' },
  2: { kind: 'weight', name: 'dim' },
  22: { kind: 'weight', name: '' },
  31: { kind: 'color', name: 'red' },
  32: { kind: 'color', name: 'green' },
  33: { kind: 'color', name: 'yellow' },
  36: { kind: 'color', name: 'cyan' },
  39: { kind: 'color', name: '' },
  // The ground, which has no other color.
  49: { kind: 'ground', name: '' },
});

/** @typedef {{ column: number, text: string, classes: readonly string[] }} Piece */

/** The pieces of a line. Throws an Error for a style that the picture does not have. @param {string} line @returns {Piece[]} */
export function piecesOf(line) {
  /** @type {Piece[]} */
  const pieces = [];
  let style = { color: '', weight: '' };
  let column = 0;
  for (const [, parameters, text = ''] of line.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (parameters !== undefined) {
      style = parameters.split(';').reduce(changed, style);
    } else {
      pieces.push({ column, text, classes: Object.values(style).filter((name) => name !== '') });
      column += text.length;
    }
  }
  return pieces;
}

/** @param {{ color: string, weight: string }} style @param {string} parameter */
function changed(style, parameter) {
  if (parameter === '' || parameter === '0') return { color: '', weight: '' };
  const known = classes[parameter];
  if (known === undefined) throw new Error(`The picture has no style for SGR ${parameter}.`);
  return { ...style, [known.kind]: known.name };
}
