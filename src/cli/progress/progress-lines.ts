/** Progress as lines of text. */
import { escapeControlCharacters } from '../output/escape-control-characters.js';
import { fitText } from '../output/text-width.js';
import { formatDuration } from '../values/duration.js';
import { formatSize } from '../values/size.js';
import type { ProgressView } from './progress-meter.js';

/** File lines below the total. */
const MAX_FILE_LINES = 4;

/** The total and at most 4 files, none wider than the terminal. */
export function progressLines(view: ProgressView, columns: number): string[] {
  // A single file is the total.
  const shown = (view.state.filesTotal ?? 0) > 1 ? view.state.current.slice(0, MAX_FILE_LINES) : [];
  const files = shown.map((file) => {
    const share = file.total ? `${Math.floor((100 * file.bytes) / file.total)} %` : formatSize(file.bytes);
    const end = `  ${share}`;
    return `  ${fitText(escapeControlCharacters(file.name), columns - 2 - end.length)}${end}`;
  });
  return [totalLine(view), ...files].map((line) => fitText(line, columns));
}

/** The total in one line. */
export function totalLine(view: ProgressView): string {
  const { state, percent } = view;
  if (!state.isPlanned) {
    const done = state.bytes > 0 ? `, ${formatSize(state.bytes)} done` : '';
    return `scanning, ${state.scanned} files${done}${rateText(view)}`;
  }
  const share = percent === undefined ? '' : `${percent} %  `;
  const total = state.bytesTotal === undefined ? '' : ` of ${formatSize(state.bytesTotal)}`;
  const files =
    state.filesTotal === undefined || state.filesTotal < 2
      ? ''
      : `  ${state.files} of ${state.filesTotal} files`;
  return `${share}${formatSize(state.bytes)}${total}${files}${rateText(view)}`;
}

function rateText({ bytesPerSecond, leftMs, stalledMs }: ProgressView): string {
  if (stalledMs !== undefined) return `  stalled ${formatDuration(stalledMs)}`;
  const left = leftMs === undefined ? '' : `  ${formatDuration(Math.ceil(leftMs / 1_000) * 1_000)} left`;
  return bytesPerSecond > 0 ? `  ${formatSize(bytesPerSecond)}/s${left}` : left;
}
