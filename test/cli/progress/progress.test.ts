import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../../src/cli/output/output.js';
import { textWidth } from '../../../src/cli/output/text-width.js';
import { CostEstimate } from '../../../src/cli/progress/cost-estimate.js';
import { progressLines, totalLine } from '../../../src/cli/progress/progress-lines.js';
import { ProgressMeter, type TransferState } from '../../../src/cli/progress/progress-meter.js';
import type { Scheduler } from '../../../src/cli/progress/scheduler.js';
import { startProgress, type ProgressMode } from '../../../src/cli/progress/start-progress.js';

const MIB = 1024 ** 2;

function stateOf(changes: Partial<TransferState> = {}): TransferState {
  const state = {
    bytes: 0,
    bytesTotal: 100 * MIB,
    files: 0,
    filesTotal: 1,
    scanned: 1,
    isPlanned: true,
    current: [],
  };
  return { ...state, ...changes };
}

describe('progress', () => {
  it('has the rate of the last 5 s, and the time that is left', () => {
    const meter = new ProgressMeter();
    for (let second = 0; second < 10; second += 1)
      meter.view(stateOf({ bytes: second * MIB }), second * 1_000);
    const view = meter.view(stateOf({ bytes: 10 * MIB }), 10_000);
    expect(view.bytesPerSecond).toBeCloseTo(MIB, 0);
    expect(view.leftMs).toBeCloseTo(90_000, -2);
    for (let second = 11; second < 16; second += 1) {
      meter.view(stateOf({ bytes: (10 + 4 * (second - 10)) * MIB }), second * 1_000);
    }
    expect(meter.view(stateOf({ bytes: 34 * MIB }), 16_000).bytesPerSecond).toBeCloseTo(4 * MIB, 0);
  });

  it('says that it is stalled, in place of a time that is left', () => {
    const meter = new ProgressMeter();
    meter.view(stateOf(), 0);
    meter.view(stateOf({ bytes: MIB }), 1_000);
    expect(meter.view(stateOf({ bytes: MIB }), 2_000).stalledMs).toBeUndefined();
    const view = meter.view(stateOf({ bytes: MIB }), 13_000);
    expect(view).toMatchObject({ stalledMs: 12_000, leftMs: undefined });
    expect(totalLine(view)).toContain('stalled 12 s');
    expect(meter.view(stateOf({ bytes: 2 * MIB }), 13_200).stalledMs).toBeUndefined();
  });

  it('has a percentage that never falls, and is not 100 before the end', () => {
    const meter = new ProgressMeter();
    const percents = [10, 50, 40, 99.99, 100].map((bytes) => {
      return meter.view(stateOf({ bytes, bytesTotal: 100 }), bytes).percent;
    });
    expect(percents).toEqual([10, 50, 50, 99, 100]);
  });

  it('scans until the totals are known', () => {
    const view = new ProgressMeter().view(stateOf({ isPlanned: false, scanned: 42 }), 0);
    expect(view).toMatchObject({ percent: undefined, leftMs: undefined });
    expect(totalLine(view)).toBe('scanning, 42 files');
  });

  it('is not stalled while files are found', () => {
    const meter = new ProgressMeter();
    meter.view(stateOf({ isPlanned: false, scanned: 1 }), 0);
    expect(meter.view(stateOf({ isPlanned: false, scanned: 2 }), 9_000).stalledMs).toBeUndefined();
  });

  it('fits the terminal, with 4 files at most', () => {
    const current = Array.from({ length: 9 }, (_, index) => ({
      name: `日本語の名前${index}`.repeat(9),
      bytes: 5,
      total: 10,
    }));
    const view = new ProgressMeter().view(stateOf({ current, filesTotal: 900 }), 0);
    for (const columns of [10, 39, 80]) {
      const lines = progressLines(view, columns);
      expect(lines).toHaveLength(5);
      expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(columns);
    }
  });

  it('has no line for a single file, which is the total', () => {
    const current = [{ name: 'a', bytes: 0, total: 1 }];
    expect(progressLines(new ProgressMeter().view(stateOf({ current }), 0), 80)).toHaveLength(1);
  });

  it('shows no control character of a name', () => {
    const current = [{ name: 'a\x1b[2J', bytes: 0, total: undefined }];
    const lines = progressLines(new ProgressMeter().view(stateOf({ current, filesTotal: 2 }), 0), 80);
    expect(lines.join('\n')).not.toContain('\x1b');
  });
});

describe('the estimate of the time that is left', () => {
  it('tells the cost of a file from that of a byte', () => {
    const cost = new CostEstimate();
    for (let round = 0; round < 20; round += 1) {
      cost.add({ ms: 1_000, bytes: 100 * MIB, files: 0 });
      cost.add({ ms: 1_000, bytes: 0, files: 100 });
    }
    expect(cost.of(100 * MIB, 0)).toBeCloseTo(1_000);
    expect(cost.of(0, 1_000)).toBeCloseTo(10_000);
    expect(cost.of(100 * MIB, 100)).toBeCloseTo(2_000);
  });

  it('is unknown without measurements, and never negative', () => {
    const cost = new CostEstimate();
    expect(cost.of(1, 1)).toBeUndefined();
    cost.add({ ms: 2_000, bytes: 1_000, files: 1 });
    cost.add({ ms: 1, bytes: 1_000, files: 9 });
    expect(cost.of(1_000, 1)).toBeGreaterThanOrEqual(0);
  });

  it('is unknown in the first second', () => {
    const cost = new CostEstimate();
    cost.add({ ms: 200, bytes: 3, files: 1 });
    expect(cost.of(4_000_000, 1)).toBeUndefined();
    cost.add({ ms: 800, bytes: 2_000_000, files: 0 });
    expect(cost.of(4_000_000, 1)).toBeLessThan(5_000);
  });
});

describe('what is shown', () => {
  it.each(['none', 'auto'] as const)('is nothing without a terminal, with %s', (mode) => {
    const shown = show(mode, { isTTY: false });
    shown.tick(60_000);
    expect(shown.read()).toEqual(['', '']);
  });

  it('is a line each 10 s with plain', () => {
    const shown = show('plain', { isTTY: false });
    shown.tick(9_800);
    expect(shown.read()[1]).toBe('');
    shown.tick(200);
    expect(shown.read()[1]).toMatch(/^0 % {2}0 B of 100 MiB.*\n$/);
  });

  it('is events on standard output with --json', () => {
    const shown = show('auto', { isTTY: true, isJson: true });
    shown.tick(1_000);
    const [stdout, stderr] = shown.read();
    expect(JSON.parse(stdout)).toMatchObject({ v: 1, event: 'progress', bytes: 0, bytesTotal: 100 * MIB });
    expect(stderr).toBe('');
  });

  it('is drawn 5 times a second on standard error of a terminal, and is removed at the end', () => {
    const shown = show('auto', { isTTY: true });
    shown.tick(1_000);
    expect(shown.read()[1].match(/100 MiB/g)).toHaveLength(5);
    shown.output.note('a note');
    expect(shown.read()[1]).toMatch(/^\r\x1b\[Ja note\n.*100 MiB/s);
    shown.display.end();
    expect(shown.read()).toEqual(['', '\r\x1b[J']);
    shown.output.note('later');
    shown.tick(1_000);
    expect(shown.read()[1]).toBe('later\n');
  });

  it('is nothing during a dialogue', async () => {
    const shown = show('auto', { isTTY: true });
    shown.tick(200);
    shown.read();
    await shown.display.pause(async () => {
      shown.tick(1_000);
      expect(shown.read()[1]).toBe('\r\x1b[J');
    });
    shown.tick(200);
    expect(shown.read()[1]).toContain('100 MiB');
  });
});

function show(mode: ProgressMode, { isTTY, isJson = false }: { isTTY: boolean; isJson?: boolean }) {
  const stdout = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  const output = new Output({ stdout, stderr }, { isJson, isQuiet: false, isVerbose: false });
  const time = new ManualScheduler();
  const display = startProgress(output, mode, time);
  display.update(stateOf());
  const read = (): [string, string] => [String(stdout.read() ?? ''), String(stderr.read() ?? '')];
  return { output, display, read, tick: (ms: number) => time.advance(ms) };
}

class ManualScheduler implements Scheduler {
  #now = 0;
  readonly #timers = new Set<{ every: number; next: number; call: () => void }>();

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, call: () => void): () => void {
    const timer = { every: milliseconds, next: this.#now + milliseconds, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (; this.#now < end; this.#now += 100) {
      for (const timer of this.#timers) {
        if (timer.next > this.#now + 100) continue;
        timer.next += timer.every;
        timer.call();
      }
    }
  }
}
