import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Output } from '../../../src/cli/output/output.js';
import type { TransferState } from '../../../src/cli/progress/progress-meter.js';
import { systemScheduler } from '../../../src/cli/progress/scheduler.js';
import { TransferTally } from '../../../src/cli/transfer/report/transfer-tally.js';
import { TransferError } from '../../../src/index.js';

function newTally() {
  const [stdout, stderr] = [new PassThrough(), new PassThrough({ highWaterMark: 1_000_000 })];
  const output = new Output({ stdout, stderr }, { isJson: false, isQuiet: false, isVerbose: false });
  const states: TransferState[] = [];
  const display = {
    update: (state: TransferState) => void states.push(state),
    end() {},
    pause: <T>(f: () => Promise<T>) => f(),
  };
  const tally = new TransferTally(output, display, systemScheduler);
  return { tally, state: () => states.at(-1), stderr: () => String(stderr.read() ?? '') };
}

const progress = {
  bytes: 0,
  bytesTotal: 10,
  files: 0,
  filesTotal: 2,
  scanned: 5,
  isPlanned: true,
  actions: 0,
  planned: 2,
  bytesPerSecond: 0,
  current: [],
};

describe('the tally of transfers', () => {
  it('has final totals only when every expected directory is planned', () => {
    const { tally, state } = newTally();
    tally.expectDirectory('a');
    tally.expectDirectory('b');
    tally.planned();
    tally.directory('a', progress);
    expect(state()?.isPlanned).toBe(false);
    tally.directory('b', progress);
    expect(state()).toMatchObject({ isPlanned: true, bytesTotal: 20, filesTotal: 4, scanned: 10 });
  });

  it('counts bytes once, while a file is transferred and after it', () => {
    const { tally, state } = newTally();
    tally.announce(1, 100);
    const file = tally.file('a', 100);
    file.progress(40, undefined);
    expect(state()).toMatchObject({ bytes: 40, bytesTotal: 100, files: 0 });
    file.done('a', 100);
    expect(state()).toMatchObject({ bytes: 100, files: 1, current: [] });
  });

  it('does not count a file that stays as it is toward the totals', () => {
    const { tally, state } = newTally();
    tally.announce(2, 150);
    tally.file('a', 100).skipped('equal');
    expect(state()).toMatchObject({ bytesTotal: 50, filesTotal: 1 });
  });

  it('has the files that are on their way, those of directories with their paths', () => {
    const { tally, state } = newTally();
    tally.announce(1, 100);
    tally.file('single', 100);
    tally.directory('a', { ...progress, current: [{ path: 'b/c', bytes: 3, bytesTotal: 9 }] });
    expect(state()?.current).toEqual([
      { name: 'single', bytes: 0, total: 100 },
      { name: 'a/b/c', bytes: 3, total: 9 },
    ]);
  });

  it('lists names that the other side cannot hold at the end, before the summary', () => {
    const { tally, stderr } = newTally();
    const problem = { kind: 'problem', reason: 'name', bytes: 0, message: 'No.' } as const;
    for (let index = 0; index < 1_002; index += 1)
      tally.action('a', { ...problem, path: `${index}` }, { status: 'problem' });
    tally.file('b\\c', 0).failed(new TransferError('EILSEQ'));
    expect(stderr()).toBe('');
    expect(tally.end({ exitNothing: false })).toBe('partial');
    const lines = stderr().split('\n');
    expect(lines[0]).toMatch(/1003 names .*--encode-names/);
    expect(lines[1]).toBe('socket-ftp: a/0: No.');
    expect(lines.slice(1_001)).toEqual([
      'socket-ftp: 3 more are not listed; --json lists all.',
      expect.stringContaining('1003 failed'),
      '',
    ]);
  });

  it('has the exit code 6 for a single name that the other side cannot hold', () => {
    const { tally } = newTally();
    tally.file('b', 0).failed(new TransferError('ENAMETOOLONG'));
    expect(tally.end({ exitNothing: false })).toBe('partial');
  });

  it.each([
    [['EACCES'], 0, 'permission'],
    [['EACCES', 'EACCES'], 0, 'permission'],
    [['EACCES', 'ENOENT'], 0, 'partial'],
    [['EACCES'], 1, 'partial'],
  ])('has the exit code of %j with %d other files: %s', (codes, done, exit) => {
    const { tally, stderr } = newTally();
    tally.announce(codes.length + done, 0);
    for (const code of codes) tally.file('bad', 0).failed(new TransferError(code));
    for (let file = 0; file < done; file += 1) tally.file('good', 0).done('good', 0);
    expect(tally.end({ exitNothing: true })).toBe(exit);
    expect(stderr()).toContain(`${codes.length} failed`);
  });
});
