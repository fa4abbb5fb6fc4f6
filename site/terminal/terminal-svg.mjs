// @ts-check
/**
 * Draws a recording: it plays once, and then shows its end. Without animation, only its end is shown. The panels have a ground
 * of their own, so that it is the same on a light page and on a dark one.
 */
import { escapeMarkup } from '../escape-markup.mjs';
import { panes } from './scene.mjs';
import { piecesOf } from './styled-text.mjs';

/** @import { PaneName } from './scene.mjs' */
/** @import { SeenLine } from './timeline.mjs' */

/** Sizes in pixels. */
const CELL = 7.8;
const ROW = 18;
const PADDING = 14;
const HEAD = 26;
const GAP = 10;

const STYLE = `
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #e6edf3; white-space: pre }
rect { fill: #0d1117; stroke: #8b949e; stroke-opacity: .4 }
.title { fill: #8b949e; font-family: system-ui, sans-serif }
.bold { font-weight: bold }
.dim { fill: #9aa4af }
.red { fill: #ff7b72 }
.green { fill: #3fb950 }
.yellow { fill: #d29922 }
.cyan { fill: #39c5cf }
.past { visibility: hidden }
@media (prefers-reduced-motion: no-preference) {
  .past { animation: past }
  .late { animation: late }
}
@keyframes late { from, to { visibility: hidden } }
@keyframes past { from, to { visibility: visible } }`;

const names = /** @type {PaneName[]} */ (Object.keys(panes));

/** @param {readonly SeenLine[]} lines @param {string} title Of the whole, for assistive technology. */
export function terminalSvg(lines, title) {
  const width = Math.max(...names.map((name) => panes[name].columns)) * CELL + 2 * PADDING;
  const tops = topsOf();
  const height = tops.end;
  const drawn = names.map((name) => {
    const own = lines
      .filter(({ pane, row }) => pane === name && row < panes[name].rows)
      .map((line) => drawnLine(line, tops[name]));
    return [panel(name, tops[name], width), ...own].join('\n');
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeMarkup(title)}" ${size}>
<style>${STYLE}
</style>
${drawn.join('\n')}
</svg>
`;
}

/** Where each panel begins, and where the picture ends. */
function topsOf() {
  const server = 1;
  const client = server + heightOf('server') + GAP;
  return { server, client, end: client + heightOf('client') + 1 };
}

/** @param {PaneName} name */
function heightOf(name) {
  return HEAD + panes[name].rows * ROW + PADDING;
}

/** @param {PaneName} name @param {number} top @param {number} width */
function panel(name, top, width) {
  return (
    `<rect x="1" y="${top}" width="${width - 2}" height="${heightOf(name)}" rx="8"/>` +
    `<text class="title" x="${PADDING}" y="${top + HEAD - 8}">${escapeMarkup(panes[name].title)}</text>`
  );
}

/** @param {SeenLine} seen @param {number} top */
function drawnLine({ row, line, from, to }, top) {
  const y = top + HEAD + (row + 1) * ROW - 4;
  const pieces = piecesOf(line).filter(({ text }) => text.trim() !== '');
  const texts = pieces.map(({ column, text, classes }) => {
    const style = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
    const length = Math.round(text.length * CELL * 10) / 10;
    return `<tspan${style} x="${PADDING + column * CELL}" textLength="${length}">${escapeMarkup(text)}</tspan>`;
  });
  return `<text y="${y}"${timesOf(from, to)}>${texts.join('')}</text>`;
}

/** A line that stays is hidden until its time; one that goes is seen only in its time. @param {number} from @param {number | undefined} to */
function timesOf(from, to) {
  if (to !== undefined)
    return ` class="past" style="animation-delay:${from}ms;animation-duration:${to - from}ms"`;
  return from === 0 ? '' : ` class="late" style="animation-duration:${from}ms"`;
}
