// @ts-check
/** Draws the part of Mermaid's sequence diagrams that the documents use: participants, arrows, and notes. */
import { escapeMarkup } from '../escape-markup.mjs';

/** Widths and heights in pixels. */
const ROW = 34;
const HEAD = 36;
const MARGIN = 12;
const CHARACTER = 6.8;
const LEAST_GAP = 150;

/**
 * @typedef {{ id: string, label: string, x: number }} Participant
 * @typedef {{ from: number, to: number, text: string, isNote: boolean }} Row From and to are indexes of participants.
 */

/** @param {string} source */
export function sequenceSvg(source) {
  const lines = source
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  const participants = participantsOf(lines);
  const rows = lines
    .filter((line) => !line.includes('participant '))
    .map((line) => rowOf(line, participants));
  const width = spread(participants, rows);
  const height = HEAD + (rows.length + 1) * ROW;
  const drawn = rows.map((row, index) => drawnRow(row, participants, HEAD + (index + 1) * ROW));
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="sequence" ${size}>${[
    ...participants.map((participant) => lifeline(participant, height)),
    ...drawn,
  ].join('')}</svg>`;
}

/** @param {readonly string[]} lines @returns {Participant[]} */
function participantsOf(lines) {
  return lines.flatMap((line) => {
    const [, id, label] = /^\s*participant (\w+) as (.+)$/.exec(line) ?? [];
    return id === undefined || label === undefined ? [] : [{ id, label, x: 0 }];
  });
}

/** @param {string} line @param {readonly Participant[]} participants @returns {Row} */
function rowOf(line, participants) {
  const arrow = /^\s*(\w+)->>(\w+): (.+)$/.exec(line);
  const note = /^\s*Note over (\w+)(?:,(\w+))?: (.+)$/.exec(line);
  const [, from = '', to = from, text = ''] = arrow ?? note ?? [];
  const [first, last] = [from, to].map((id) =>
    participants.findIndex((participant) => participant.id === id),
  );
  if (first === undefined || last === undefined || first < 0 || last < 0)
    throw new Error(`Cannot draw: ${line}`);
  return { from: first, to: last, text, isNote: note !== null };
}

/** Places the participants so that each text has room, and returns the width. @param {Participant[]} participants @param {Row[]} rows */
function spread(participants, rows) {
  const half = Math.max(...rows.filter(isLocal).map(({ text }) => widthOf(text) / 2), LEAST_GAP / 2) + MARGIN;
  let x = half;
  for (const [index, participant] of participants.entries()) {
    participant.x = x;
    const across = rows.filter(
      (row) => Math.min(row.from, row.to) === index && Math.max(row.from, row.to) === index + 1,
    );
    x += Math.max(LEAST_GAP, ...across.map(({ text }) => widthOf(text) + 2 * MARGIN));
  }
  return Math.ceil((participants.at(-1)?.x ?? 0) + half);
}

/** @param {Row} row */
function isLocal({ from, to }) {
  return from === to;
}

/** @param {string} text */
function widthOf(text) {
  return text.length * CHARACTER + 2 * MARGIN;
}

/** @param {Participant} participant @param {number} height */
function lifeline({ label, x }, height) {
  const width = widthOf(label);
  return `<line class="lifeline" x1="${x}" y1="${HEAD}" x2="${x}" y2="${height}" />
    <rect class="participant" x="${x - width / 2}" y="2" width="${width}" height="${HEAD - 4}" rx="4" />
    <text class="name" x="${x}" y="${HEAD / 2 + 5}">${escapeMarkup(label)}</text>`;
}

/** @param {Row} row @param {readonly Participant[]} participants @param {number} y */
function drawnRow({ from, to, text, isNote }, participants, y) {
  const [start, end] = [participants[from]?.x ?? 0, participants[to]?.x ?? 0];
  const middle = (start + end) / 2;
  if (isNote) {
    const width = Math.max(widthOf(text), Math.abs(end - start));
    return `<rect class="note" x="${middle - width / 2}" y="${y - 18}" width="${width}" height="26" rx="3" />
      <text class="remark" x="${middle}" y="${y}">${escapeMarkup(text)}</text>`;
  }
  const back = end > start ? -9 : 9;
  return `<line class="arrow" x1="${start}" y1="${y + 4}" x2="${end}" y2="${y + 4}" />
    <polygon class="tip" points="${end},${y + 4} ${end + back},${y} ${end + back},${y + 8}" />
    <text class="message" x="${middle}" y="${y - 3}">${escapeMarkup(text)}</text>`;
}
