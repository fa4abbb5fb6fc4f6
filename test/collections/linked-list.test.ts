import { describe, expect, it } from 'vitest';
import { LinkedList } from '../../src/collections/linked-list.js';

function contents<Item>(row: LinkedList<Item>): Item[] {
  const items = [];
  for (let place = row.first; place; place = place.next) items.push(place.item);
  return items;
}

function rowOf(...items: string[]): LinkedList<string> {
  const row = new LinkedList<string>();
  for (const item of items) row.push(item);
  return row;
}

describe('a linked list', () => {
  it('has its oldest member first and its newest last', () => {
    const row = rowOf('a', 'b', 'c');
    expect([row.shift(), row.pop(), row.length]).toEqual(['a', 'c', 1]);
    expect([row.pop(), row.shift(), row.pop(), row.length]).toEqual(['b', undefined, undefined, 0]);
  });

  it('can remove any member, and accept new ones afterwards', () => {
    for (const left of ['a', 'b', 'c']) {
      const row = new LinkedList<string>();
      const places = ['a', 'b', 'c'].map((item) => row.push(item));
      for (const place of places) if (place.item === left) row.remove(place);
      row.push('d');
      expect(contents(row)).toEqual(['a', 'b', 'c', 'd'].filter((item) => item !== left));
      expect([row.first?.item, row.last?.item, row.length]).toEqual([left === 'a' ? 'b' : 'a', 'd', 3]);
    }
  });

  it('can move its first member to the end, also as the only member', () => {
    const row = rowOf('a');
    if (row.first) row.moveToEnd(row.first);
    expect(contents(row)).toEqual(['a']);
    row.push('b');
    row.push('c');
    if (row.first) row.moveToEnd(row.first);
    expect(contents(row)).toEqual(['b', 'c', 'a']);
    expect(row.length).toBe(3);
  });

  it('removes the members that match a condition, at any position', () => {
    const row = rowOf('x1', 'a', 'x2', 'x3', 'b', 'x4');
    row.removeAll((item) => item.startsWith('x'));
    expect(contents(row)).toEqual(['a', 'b']);
    expect(row.length).toBe(2);
  });
});
