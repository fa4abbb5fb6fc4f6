// @ts-check
import { createHash } from 'node:crypto';
import { renderMermaidSVG } from 'beautiful-mermaid';

/** `site.css` has the colors: those that a picture brings along would hold for the whole page. */
const layout = { transparent: true, padding: 8 };

/** A transition of a diagram of states: `from --> to: label`. */
const transition = /^(\s*)(\S+) --> (\w+)(.*)$/;

/** The SVG of a flowchart or of a diagram of states. @param {string} source */
export function graphSvg(source) {
  const { lines, reversed } = withoutCycles(source.split('\n'));
  const svg = renderMermaidSVG(lines.join('\n'), layout);
  const id = createHash('sha256').update(source).digest('hex').slice(0, 8);
  return svg
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/ style="--bg[^"]*"/, '')
    .replaceAll(/<polyline [^>]*>/g, (edge) => (reversed.has(keyOf(edge)) ? reversedEdge(edge) : edge))
    .replaceAll(/\b(id="|url\(#)arrow/g, `$1d${id}-arrow`);
}

/**
 * Turns transitions to an earlier state around, so that the layout has the order of the source; their lines are turned
 * back after the layout.
 * @param {readonly string[]} lines
 */
function withoutCycles(lines) {
  /** @type {Set<string>} */
  const seen = new Set();
  /** @type {Set<string>} */
  const reversed = new Set();
  const ordered = lines.map((line) => {
    const [, indent = '', from = '', to = '', label = ''] = transition.exec(line) ?? [];
    if (to === '') return line;
    const isBack = from !== to && seen.has(to) && [...seen].indexOf(to) < [...seen].indexOf(from);
    seen.add(from).add(to);
    if (!isBack) return line;
    reversed.add([to, from, label.replace(/^:\s*/, '')].join('\n'));
    return `${indent}${to} --> ${from}${label}`;
  });
  return { lines: ordered, reversed };
}

/** @param {string} edge */
function keyOf(edge) {
  const value = (/** @type {string} */ name) => new RegExp(` data-${name}="([^"]*)"`).exec(edge)?.[1] ?? '';
  return ['from', 'to', 'label'].map(value).join('\n');
}

/** @param {string} edge */
function reversedEdge(edge) {
  const [, points = ''] = / points="([^"]*)"/.exec(edge) ?? [];
  return edge.replace(points, points.split(' ').reverse().join(' '));
}
