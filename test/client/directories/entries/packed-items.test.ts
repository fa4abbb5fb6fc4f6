import { describe, expect, it } from 'vitest';
import { PackedBytes, PackedItems } from '../../../../src/client/directories/entries/packed-items.js';
import type { DeleteAction } from '../../../../src/client/directories/sync-action.js';

const deletion = (number: number): DeleteAction => ({
  kind: 'delete',
  path: `directory/file-${number}`,
  reason: 'extra',
  bytes: 0,
  entry: 'file',
  target: { size: number },
});

describe('packed items', () => {
  it('come out in their order', () => {
    const actions = new PackedItems<DeleteAction>(new PackedBytes());
    const all = Array.from({ length: 2_000 }, (_, number) => deletion(number));
    for (const action of all) actions.push(action);
    expect([...actions]).toEqual(all);
  });

  it('fail with EFLOOD when all of a plan take too many bytes', () => {
    const packedBytes = new PackedBytes(20_000);
    const [one, other] = [new PackedItems(packedBytes), new PackedItems(packedBytes)];
    for (let number = 0; number < 512; number += 1) one.push(deletion(number));
    const push = (): void => {
      for (let number = 0; number < 10_000; number += 1) other.push(deletion(number));
    };
    expect(push).toThrow(expect.objectContaining({ code: 'EFLOOD' }) as Error);
  });
});
