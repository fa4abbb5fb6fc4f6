import { describe, expect, it } from 'vitest';
import { readOptions, type Options } from './options.mjs';

function read(...args: string[]): Options {
  const options = readOptions(args);
  if (typeof options === 'string') throw new Error(`It has read ${options}.`);
  return options;
}

describe('the options of the bench', () => {
  it('always measure raw first, because ratios refer to it', () => {
    expect(read('--peers', 'http,binary').contenders).toEqual(['raw', 'binary', 'http']);
  });

  it.each([
    [['--pin'], 0],
    [['--pin', '1'], 1],
    [['--pin=1'], 1],
    [['--pin', '--rounds', '2'], 0],
    [[], undefined],
  ])('read the core of %j as %s', (args, core) => {
    expect(read(...args).pin).toBe(core);
  });

  it.each([
    [['--peers', 'ftpd'], 'There is no peer "ftpd"'],
    [['--workloads', 'pipeline,'], 'There is no workload ""'],
    [['--rounds', '0'], '--rounds must be a number from 1 on, not 0'],
    [['--size', '1G'], '--size must be a number from 1 on, not 1G'],
    [['--fast'], "Unknown option '--fast'"],
  ])('reject %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(TypeError);
    expect(() => readOptions(args)).toThrow(message);
  });
});
