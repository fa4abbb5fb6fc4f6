/** Shows the progress of a command: on a terminal, as plain lines, or as events. */
import type { Output } from '../output/output.js';
import { progressLines, totalLine } from './progress-lines.js';
import { ProgressMeter, type ProgressView, type TransferState } from './progress-meter.js';
import type { Scheduler } from './scheduler.js';

/** How progress is shown. `auto`: on a terminal. */
export const progressModes = ['auto', 'plain', 'none'] as const;

export type ProgressMode = (typeof progressModes)[number];

/** What a command says of its progress. */
export interface ProgressDisplay {
  update(state: TransferState): void;
  /** Removes what stands on the terminal for a moment. */
  end(): void;
  /** Runs a dialogue without progress in between. */
  pause<Result>(dialogue: () => Promise<Result>): Promise<Result>;
}

/** 5 Hz: faster is hard to read, slower looks stuck. */
const TERMINAL_MS = 200;
const PLAIN_MS = 10_000;
const EVENT_MS = 1_000;

/** Starts to show the progress; nothing until the first `update`. */
export function startProgress(output: Output, mode: ProgressMode, scheduler: Scheduler): ProgressDisplay {
  if (output.settings.isJson)
    return show(scheduler, EVENT_MS, (view) => output.event('progress', fieldsOf(view)));
  if (mode === 'plain') return show(scheduler, PLAIN_MS, (view) => output.note(totalLine(view)));
  const isShown = mode === 'auto' && output.columns !== undefined && !output.settings.isQuiet;
  return isShown
    ? showOnTerminal(output, scheduler)
    : { update() {}, end() {}, pause: (dialogue) => dialogue() };
}

function show(scheduler: Scheduler, everyMs: number, write: (view: ProgressView) => void): ProgressDisplay {
  const meter = new ProgressMeter();
  let state: TransferState | undefined;
  let isPaused = false;
  const stop = scheduler.every(everyMs, () => {
    if (state && !isPaused) write(meter.view(state, scheduler.now()));
  });
  return {
    update: (next) => (state = next),
    end: stop,
    pause: async (dialogue) => {
      isPaused = true;
      try {
        return await dialogue();
      } finally {
        isPaused = false;
      }
    },
  };
}

function showOnTerminal(output: Output, scheduler: Scheduler): ProgressDisplay {
  let shown: readonly string[] = [];
  const clear = (): void => {
    // To the begin of the first line, then clear all below.
    if (shown.length > 0)
      output.stderr.write(`\r${shown.length > 1 ? `\x1b[${shown.length - 1}A` : ''}\x1b[J`);
  };
  const draw = (): void => {
    if (shown.length > 0) output.stderr.write(shown.join('\n'));
  };
  const display = show(scheduler, TERMINAL_MS, (view) => {
    clear();
    // One column stays free: some terminals wrap a full line.
    shown = progressLines(view, (output.columns ?? 1) - 1);
    draw();
  });
  output.setOverlay((write) => {
    clear();
    write();
    draw();
  });
  const hide = (): void => {
    clear();
    shown = [];
  };
  return {
    update: (state) => display.update(state),
    end: () => {
      display.end();
      hide();
      output.setOverlay(undefined);
    },
    pause: (dialogue) => {
      hide();
      return display.pause(dialogue);
    },
  };
}

function fieldsOf({ state, bytesPerSecond }: ProgressView) {
  const { bytes, bytesTotal, files, filesTotal, scanned } = state;
  return { bytes, bytesTotal, files, filesTotal, scanned, bytesPerSecond: Math.round(bytesPerSecond) };
}
