/** Draws a chart that is described in Vega-Lite, as SVG. */
// @ts-check
import { load } from '../packages/load.mjs';

/** Readable on white and on black alike; nothing is drawn behind it. */
const INK = '#7d8590';

/** What a picture does not need, and is half of it. */
const UNSEEN =
  / (class|role|aria-\w+|pointer-events)="[^"]*"| opacity="1"|<path class="(background|foreground)"[^>]*\/>/g;

/** Precision of coordinates, finer than visible. */
const FRACTION = /(?<![>\d.])\d+\.\d{2,}/g;

/** @type {Record<string, string>} */
export const colours = {
  'socket-ftp': '#388bfd',
  'plain Node': '#8250df',
  'other packages for Node': '#d29922',
  'servers in C': '#57ab5a',
};

const config = {
  // The document describes the picture; a description of each mark would be most of the file.
  aria: false,
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: INK,
    titleColor: INK,
    gridColor: INK,
    gridOpacity: 0.2,
    domainColor: INK,
    tickColor: INK,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 12, labelLimit: 0, symbolType: 'square' },
  title: { color: INK, fontSize: 13, anchor: 'start', frame: 'group' },
  text: { color: INK, fontSize: 11 },
};

/** @typedef {{ compile: (spec: object, options: object) => { spec: object } }} VegaLite */
/** @typedef {{ parse: (spec: object) => object, View: new (flow: object, options: object) => { toSVG: () => Promise<string> } }} Vega */

/** @param {object} chart @returns {Promise<string>} */
export async function draw(chart) {
  const vegaLite = /** @type {VegaLite} */ (await load('vega-lite'));
  const vega = /** @type {Vega} */ (await load('vega'));
  const { spec } = vegaLite.compile(chart, { config });
  const svg = await new vega.View(vega.parse(spec), { renderer: 'none' }).toSVG();
  return (
    svg
      .replace(UNSEEN, '')
      .replace(FRACTION, (number) => String(Number(Number(number).toFixed(1))))
      .trim() + '\n'
  );
}
