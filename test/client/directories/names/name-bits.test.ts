import { describe, expect, it } from 'vitest';
import { NameBits } from '../../../../src/client/directories/names/name-bits.js';

describe('the bits of names', () => {
  it('know every name that was added, and take few others for one', () => {
    const bits = new NameBits(10_000);
    expect(bits.isEmpty).toBe(true);
    for (let index = 0; index < 10_000; index += 1) bits.add(`file-${index}`);
    expect(bits.isEmpty).toBe(false);
    let [known, wrong] = [0, 0];
    for (let index = 0; index < 10_000; index += 1) {
      if (bits.mayHave(`file-${index}`)) known += 1;
      if (bits.mayHave(`other-${index}`)) wrong += 1;
    }
    expect(known).toBe(10_000);
    expect(wrong).toBeLessThan(600);
  });

  it('have room for no names', () => {
    expect(new NameBits(0).mayHave('file')).toBe(false);
  });
});
