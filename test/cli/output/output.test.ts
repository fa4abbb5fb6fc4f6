import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { escapeControlCharacters, safeJson } from '../../../src/cli/output/escape-control-characters.js';
import { Output } from '../../../src/cli/output/output.js';
import { fitText, padText, textWidth } from '../../../src/cli/output/text-width.js';

const settings = { isJson: false, isQuiet: false, isVerbose: false };

function outputTo(changes: Partial<typeof settings> = {}, isTTY = false, env: NodeJS.ProcessEnv = {}) {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const output = new Output({ stdout, stderr }, { ...settings, ...changes }, env);
  return { output, read: () => [String(stdout.read() ?? ''), String(stderr.read() ?? '')] };
}

describe('text of a peer', () => {
  it.each([
    ['a\x1b[2Jb', String.raw`a\x1b[2Jb`],
    ['\x9b1m', String.raw`\x9b1m`],
    ['a\r\nb\t\0\x7f', String.raw`a\x0d\x0ab\x09\x00\x7f`],
    ['gpj\u202e.exe', String.raw`gpj\u202e.exe`],
    ['\ud800', String.raw`\ud800`],
    ['é 😀 日本', 'é 😀 日本'],
  ])('%j reaches a terminal without control characters', (text, escaped) => {
    expect(escapeControlCharacters(text)).toBe(escaped);
    const { output, read } = outputTo({}, true);
    output.print(text);
    output.error(text);
    const [stdout, stderr] = read();
    expect(stdout).toBe(`${escaped}\n`);
    expect(stderr).toContain(escaped);
  });

  it('is the same value in JSON, also without control characters', () => {
    const value = { name: 'a\x1b\x9b\u202e\x7f\n"é' };
    expect(safeJson(value)).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/);
    expect(JSON.parse(safeJson(value))).toEqual(value);
  });

  it('cannot end the style around it', () => {
    const { output, read } = outputTo({}, true);
    output.print(['red', 'a\x1b[0mb']);
    expect(read()[0]).toBe('\x1b[31ma\\x1b[0mb\x1b[39m\n');
  });
});

describe('output', () => {
  it('has no colours in a file, with NO_COLOR and on a dumb terminal', () => {
    for (const [isTTY, env] of [
      [false, {}],
      [true, { NO_COLOR: '1' }],
      [true, { TERM: 'dumb' }],
    ] as const) {
      const { output, read } = outputTo({}, isTTY, env);
      output.print(['red', 'a']);
      expect(read()[0]).toBe('a\n');
    }
  });

  it('is only events with --json, and never events without', () => {
    const json = outputTo({ isJson: true });
    json.output.print('text');
    json.output.event('hash', { hash: 'x' });
    expect(json.read()[0]).toBe('{"v":1,"event":"hash","hash":"x"}\n');
    const text = outputTo();
    text.output.event('hash', { hash: 'x' });
    expect(text.read()).toEqual(['', '']);
  });

  it('is only errors with --quiet, and has details only with --verbose', () => {
    const quiet = outputTo({ isQuiet: true, isVerbose: true });
    quiet.output.note('note');
    quiet.output.detail('detail');
    quiet.output.error('error');
    expect(quiet.read()).toEqual(['', 'socket-ftp: error\n']);
    const usual = outputTo();
    usual.output.note('note');
    usual.output.detail('detail');
    expect(usual.read()[1]).toBe('note\n');
  });

  it('has 80 columns on a terminal that says none, and no columns elsewhere', () => {
    const columnsOf = (isTTY: boolean, columns: number | undefined) => {
      const stderr = Object.assign(new PassThrough(), { isTTY, columns });
      return new Output({ stdout: new PassThrough(), stderr }, settings).columns;
    };
    expect([columnsOf(true, 0), columnsOf(true, undefined), columnsOf(true, 33)]).toEqual([80, 80, 33]);
    expect(columnsOf(false, 33)).toBeUndefined();
  });

  it('is surrounded by what stands on the terminal', () => {
    const { output, read } = outputTo();
    output.setOverlay((write) => {
      output.stderr.write('<');
      write();
      output.stderr.write('>');
    });
    output.note('a');
    output.setOverlay(undefined);
    output.note('b');
    expect(read()[1]).toBe('<a\n>b\n');
  });
});

describe('the width of a text', () => {
  it.each([
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👨‍👩‍👧', 2],
    ['ｱ', 1],
    ['', 0],
  ])('%j is %d columns', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  it.each([
    ['abcdefghij', 7, 'abc…hij'],
    ['abc', 3, 'abc'],
    ['日本日本日本', 7, '日本…本'],
    ['日本日本日本', 6, '日…本'],
    ['abc', 1, '…'],
    ['abc', 0, ''],
  ])('%s is fitted into %d columns', (text, columns, fitted) => {
    expect(textWidth(fitText(text, columns))).toBeLessThanOrEqual(columns);
    expect(fitText(text, columns)).toBe(fitted);
  });

  it('is filled with spaces', () => {
    expect(padText('日', 4)).toBe('日  ');
  });
});
