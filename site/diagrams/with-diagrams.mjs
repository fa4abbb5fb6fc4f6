// @ts-check
/** Draws the Mermaid diagrams of a document while the site is built, so that no page loads a script for them. */
import { graphSvg } from './graph-svg.mjs';
import { sequenceSvg } from './sequence-svg.mjs';

/** The Markdown with a figure in place of each block of Mermaid. @param {string} markdown */
export function withDiagrams(markdown) {
  return markdown.replace(/^```mermaid\n([\s\S]*?)^```$/gm, (_block, /** @type {string} */ source) =>
    figureOf(source),
  );
}

/** A figure on one line of Markdown; it takes the focus, because it scrolls where it is too wide. @param {string} source */
function figureOf(source) {
  const [, title] = /^\s*accTitle: (.+)$/m.exec(source) ?? [];
  if (title === undefined) throw new Error(`A diagram has no accTitle:\n${source}`);
  const lines = source.replace(/^\s*accTitle: .+\n/m, '');
  const svg = lines.startsWith('sequenceDiagram') ? sequenceSvg(lines) : graphSvg(lines);
  const labelled = svg.replace('<svg ', `<svg role="img" aria-label="${title}" `).replaceAll(/\n\s*/g, ' ');
  return `<figure class="diagram" tabindex="0" aria-label="${title}">${labelled}</figure>\n`;
}
