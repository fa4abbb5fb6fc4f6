// @ts-check
/** When each line of a recording is seen, at which place. */

/** @import { Frame } from './record.mjs' */
/** @import { PaneName } from './scene.mjs' */

/** Times in ms from the begin; `to` is undefined for a line that is still there at the end. */
/** @typedef {{ pane: PaneName, row: number, line: string, from: number, to: number | undefined }} SeenLine */

/** A picture in which nothing happens is shortened to this. */
const LONGEST_PAUSE_MS = 1_200;

/** Lines that are not empty, in the order in which they appear. @param {readonly Frame[]} frames @returns {SeenLine[]} */
export function timeline(frames) {
  /** @type {Map<string, SeenLine>} */
  const seen = new Map();
  /** @type {SeenLine[]} */
  const lines = [];
  let time = 0;
  let last = frames[0]?.atMs ?? 0;
  for (const { atMs, screens } of frames) {
    time += Math.min(Math.round(atMs - last), LONGEST_PAUSE_MS);
    last = atMs;
    for (const [pane, rows] of /** @type {[PaneName, readonly string[]][]} */ (Object.entries(screens))) {
      const places = [...seen.keys()].filter((place) => place.startsWith(pane));
      const count = Math.max(rows.length, ...places.map((place) => Number(place.split(' ')[1]) + 1));
      for (let row = 0; row < count; row++) {
        const line = rows[row] ?? '';
        const place = `${pane} ${row}`;
        const before = seen.get(place);
        if (before?.line === line) continue;
        if (before) before.to = time;
        seen.delete(place);
        if (line === '') continue;
        const next = { pane, row, line, from: time, to: undefined };
        seen.set(place, next);
        lines.push(next);
      }
    }
  }
  return lines;
}
