// @ts-check
/** Draws the Mermaid diagrams of a document while the site is built, so that no page loads a script for them. */
import { graphSvg } from './graph-svg.mjs';
import { sequenceSvg } from './sequence-svg.mjs';

/** On a narrow screen a diagram shrinks to this part of its size, below which its texts are too small; then it scrolls. */
const LEAST_SCALE = 0.75;

/** The Markdown with a figure in place of each block of Mermaid. @param {string} markdown */
export function withDiagrams(markdown) {
  return markdown.replace(/^```mermaid\n([\s\S]*?)^```$/gm, (_block, /** @type {string} */ source) =>
    figureOf(source),
  );
}

/** A figure on one line of Markdown. It takes the focus, so that a keyboard can scroll it. @param {string} source */
function figureOf(source) {
  const [, title] = /^\s*accTitle: (.+)$/m.exec(source) ?? [];
  if (title === undefined) throw new Error(`A diagram has no accTitle:\n${source}`);
  const lines = source.replace(/^\s*accTitle: .+\n/m, '');
  const svg = lines.startsWith('sequenceDiagram') ? sequenceSvg(lines) : graphSvg(lines);
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1]);
  const style = `style="min-width:${Math.round(width * LEAST_SCALE)}px"`;
  const picture = `<div role="img" aria-label="${title}" ${style}>${svg.replaceAll(/\n\s*/g, ' ')}</div>`;
  return `<figure class="diagram" tabindex="0" aria-label="${title}">${picture}</figure>\n`;
}
