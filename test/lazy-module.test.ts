import { describe, expect, it } from 'vitest';
import { lazyModule } from '../src/lazy-module.js';

describe('a lazy module', () => {
  it('is loaded once by calls that overlap and by later ones, and not before the first', async () => {
    let loads = 0;
    const load = lazyModule(() => Promise.resolve({ number: ++loads }));
    expect(loads).toBe(0);
    const [first, second] = await Promise.all([load(), load()]);
    expect(second).toBe(first);
    expect(await load()).toBe(first);
    expect(loads).toBe(1);
  });

  it('is loaded again by the next call if it could not be loaded', async () => {
    let loads = 0;
    const load = lazyModule(() =>
      ++loads === 1 ? Promise.reject(new Error('EMFILE')) : Promise.resolve('loaded'),
    );
    await expect(load()).rejects.toThrow('EMFILE');
    expect(await load()).toBe('loaded');
    expect(await load()).toBe('loaded');
    expect(loads).toBe(2);
  });
});
