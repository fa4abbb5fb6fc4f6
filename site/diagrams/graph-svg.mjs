// @ts-check
import { createHash } from 'node:crypto';
import { renderMermaidSVG } from 'beautiful-mermaid';

/** The colors of the theme, so that a diagram follows its light and dark mode. */
const style = {
  bg: 'var(--color-background)',
  fg: 'var(--color-text)',
  muted: 'var(--color-text-aside)',
  line: 'var(--color-text-aside)',
  surface: 'var(--color-background-secondary)',
  border: 'var(--color-accent)',
  transparent: true,
  padding: 8,
};

/** A transition of a diagram of states: `from --> to: label`. */
const transition = /^(\s*)(\S+) --> (\w+)(.*)$/;

/** The SVG of a flowchart or of a diagram of states. @param {string} source */
export function graphSvg(source) {
  const { lines, reversed } = withoutCycles(source.split('\n'));
  const svg = renderMermaidSVG(lines.join('\n'), style);
  const id = createHash('sha256').update(source).digest('hex').slice(0, 8);
  return svg
    .replace(/^\s*@import .*$/m, '')
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
