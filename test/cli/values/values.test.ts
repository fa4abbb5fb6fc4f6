import { describe, expect, it } from 'vitest';
import { parseBandwidth } from '../../../src/cli/values/bandwidth.js';
import { formatDuration, parseDuration } from '../../../src/cli/values/duration.js';
import { quoteArguments } from '../../../src/cli/values/quote-arguments.js';
import { formatSize, parseSize } from '../../../src/cli/values/size.js';

describe('parseSize', () => {
  it.each([
    ['0', 0],
    ['1500', 1500],
    ['10M', 10 * 1024 ** 2],
    ['10m', 10 * 1024 ** 2],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['10MB', 10_000_000],
    ['5 K', 5 * 1024],
    ['7B', 7],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '-1', '10X', 'M', '1e9', '10 MMB', '99999P', '0x10', '1,5M', '10M '])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow(/is no size/);
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [10 * 1024, '10 KiB'],
    [1024 ** 2 - 1, '1.0 MiB'],
    [2 ** 53, '8.0 PiB'],
  ])('writes %d bytes as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});

describe('parseDuration', () => {
  it.each([
    ['30', 30_000],
    ['1.5', 1_500],
    ['500ms', 500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '0', '0s', '-5s', '5x', '5 s', '25d', '1e3', 's'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(/is no duration/);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [120.4, '120 ms'],
    [999.9, '1 s'],
    [59_400, '59 s'],
    [59_900, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_720_000, '1 h 02 min'],
    [183_600_000, '2 d 03 h'],
  ])('writes %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('parseBandwidth', () => {
  it.each([
    ['10M', { upload: 10 * 1024 ** 2, download: 10 * 1024 ** 2 }],
    ['10M:1M', { upload: 10 * 1024 ** 2, download: 1024 ** 2 }],
    [':1M', { upload: undefined, download: 1024 ** 2 }],
    ['1M:', { upload: 1024 ** 2, download: undefined }],
  ])('reads %s', (text, limit) => {
    expect(parseBandwidth(text)).toEqual(limit);
  });

  it.each(['', ':', '1:2:3', '0', 'fast'])('refuses %j', (text) => {
    expect(() => parseBandwidth(text)).toThrow();
  });
});

describe('quoteArguments', () => {
  it.each([
    [['get', 'socket-ftp://h:1/a'], 'get socket-ftp://h:1/a'],
    [['two words', "it's"], `'two words' 'it'\\''s'`],
    [['', '*', '$(rm)'], `'' '*' '$(rm)'`],
    [["a\x1b'\n"], String.raw`$'a\x1b\x27\x0a'`],
  ])('quotes %j', (args, text) => {
    expect(quoteArguments(args)).toBe(text);
  });
});
