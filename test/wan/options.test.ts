import { describe, expect, it } from 'vitest';
import { argumentsOf } from './emulator/emulated-link.mjs';
import { links } from './links.mjs';
import { readOptions } from './options.mjs';

describe('the options of the measurement of long links', () => {
  it('measure everything by default', () => {
    expect(readOptions([])).toMatchObject({
      links: Object.keys(links),
      direction: 'download',
      rounds: 3,
      gate: false,
    });
  });

  it('take the links in the order of the table', () => {
    expect(readOptions(['--links', 'd,a'])).toMatchObject({ links: ['a', 'd'] });
  });

  it.each([
    [['--links', 'x'], 'There is no link "x"'],
    [['--contenders', 'reno'], 'There is no contender "reno"'],
    [['--rounds', '0'], '--rounds must be a number from 1 on, not 0'],
  ])('reject %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('an emulated link', () => {
  it('gets only the options that are set', () => {
    expect(argumentsOf({ rate: 100, delay: 10 }).join(' ')).toBe('--rate 100 --delay 10 --loss 0 --seed 1');
  });

  it('drops all UDP if it is to block it', () => {
    expect(argumentsOf({ rate: 1, delay: 1, blockUdp: true }).join(' ')).toContain('--block-udp 1');
  });
});
