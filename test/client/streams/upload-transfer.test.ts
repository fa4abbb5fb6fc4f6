/** An upload without a connection: the frames on its channels in each state, and its callbacks. */
import { describe, expect, it } from 'vitest';
import { CHECKSUM, fakeUpload, path } from '../../support/doubles/fake-upload.js';
import { uploadStates as states } from '../../support/doubles/upload-states.js';

describe('a new upload', () => {
  it('sends its first bytes before the server answers', () => {
    const { begin, sent, opens, told, take } = states['new, with bytes']();
    begin();
    expect(opens[0]).toMatchObject({ op: 'upload', path, offset: undefined });
    expect(sent()).toEqual(['hello']);
    take();
    expect(told).toEqual(['placed 0', 'written']);
  });

  it('sends its end directly after its last byte', () => {
    const { transfer, begin, take, sent, store, told } = states['new, with bytes']();
    transfer.end();
    begin();
    take();
    expect(sent()).toEqual(['hello', `end 5 ${CHECKSUM}`]);
    store();
    expect(told).toEqual(['placed 0', 'written', `stored 5 ${CHECKSUM}`]);
  });

  it('may be empty', () => {
    const { transfer, begin, sent } = states.new();
    transfer.end();
    begin();
    expect(sent()).toEqual(['end 0 crc32:00000000']);
  });

  it('ignores an accept that arrives later', () => {
    for (const state of ['sending', 'idle', 'ended'] as const) {
      const made = states[state]();
      const before = [...(made.sent() ?? [])];
      made.accept();
      expect(made.sent()).toEqual(before);
    }
  });
});

describe('an upload whose connection was lost', () => {
  it('waits for the server, and sends the bytes that the server lacks', () => {
    const { opens, sent, accept, take, transfer } = states['interrupted before its end']();
    expect(opens[1]).toMatchObject({ offset: 0 });
    expect(sent()).toEqual([]);
    accept(2);
    expect(sent()).toEqual(['llo']);
    take();
    transfer.end();
    expect(sent()).toEqual(['llo', `end 5 ${CHECKSUM}`]);
  });

  it('declares the bytes that are not acknowledged', () => {
    const { acknowledge, lose, begin, opens } = states.idle();
    acknowledge(3);
    lose();
    begin();
    expect(opens[1]).toMatchObject({ offset: 3 });
  });

  it('sends bytes written meanwhile with the rest, and later bytes behind them', () => {
    const { write, accept, sent, take, told } = states['interrupted before its end']();
    write(' wor');
    accept(5);
    expect(sent()).toEqual([' wor']);
    take();
    expect(told).toEqual(['placed 0', 'written', 'written']);
    const other = states['interrupted before its end']();
    other.accept(0);
    other.write(' world');
    expect(other.sent()).toEqual(['hello']);
    other.take();
    expect(other.sent()).toEqual(['hello', ' world']);
    expect(other.told).toEqual(['placed 0', 'written']);
    other.take();
    expect(other.told).toEqual(['placed 0', 'written', 'written']);
  });

  it('accepts a stored result only if its end was sent', () => {
    const behind = states['interrupted after its end']();
    behind.store();
    expect(behind.told.at(-1)).toBe(`stored 5 ${CHECKSUM}`);
    const before = states['interrupted before its end']();
    before.store();
    expect(before.told.at(-1)).toBe('EPROTO');
  });
});

describe('an upload that an earlier process may have started', () => {
  it('sends nothing before the server names the offset', () => {
    const { opens, sent, accept, write, told } = states.resuming();
    expect(opens[0]).toMatchObject({ offset: 0 });
    expect(sent()).toEqual([]);
    accept(3);
    write('lo');
    expect(sent()).toEqual(['lo']);
    expect(told).toEqual(['placed 3']);
  });

  it('sets its offset once, however often it is interrupted', () => {
    const { accept, lose, begin, told } = states.resuming();
    lose();
    begin();
    accept(3);
    lose();
    begin();
    accept(3);
    expect(told).toEqual(['placed 3']);
  });

  it('is compared at its end if the server has stored the file already', () => {
    const { told, transfer, sent } = states.answered();
    expect(told).toEqual(['placed 5']);
    transfer.end();
    expect(told).toEqual(['placed 5', `stored 5 ${CHECKSUM}`]);
    expect(sent()).toEqual([]);
  });

  it('fails with EBADMSG if the server has stored other bytes, and with EPROTO if it has stored more or fewer', () => {
    const other = states.resuming();
    other.store(5, 'crc32:00000000');
    other.transfer.end();
    expect(other.told).toEqual(['placed 5', 'EBADMSG']);
    const fewer = states.resuming();
    fewer.store(4);
    expect(fewer.told).toEqual(['EPROTO']);
  });

  it('calls back for a buffer that the server has stored already', () => {
    const { write, begin, store, told } = fakeUpload({ isResumed: true, isWhole: true, size: 5 });
    write('hello');
    begin();
    store();
    expect(told).toEqual(['placed 5', 'written']);
  });
});

describe('a result', () => {
  it.each(['new', 'sending', 'idle'] as const)('fails with EPROTO in the state %s', (state) => {
    const { store, told } = states[state]();
    store();
    expect(told).toContain('EPROTO');
    expect(told.join()).not.toContain('stored');
  });

  it('fails with EPROTO for another path, and with EBADMSG for another checksum', () => {
    const elsewhere = states.ended();
    elsewhere.store(5, CHECKSUM, 'other');
    expect(elsewhere.told.at(-1)).toBe('EPROTO outcomeUnknown');
    const other = states.ended();
    other.store(5, 'crc32:00000000');
    expect(other.told.at(-1)).toBe('EBADMSG');
  });
});

describe('an upload', () => {
  it('fails with EBADMSG if the number of bytes differs from the announced size', () => {
    const { begin, write, take, transfer, told, sent } = fakeUpload({ size: 6 });
    begin();
    write('hello');
    take();
    transfer.end();
    expect(told.at(-1)).toBe('EBADMSG');
    expect(sent()).toEqual(['hello', 'cancel']);
  });

  it('reports its failure to the pending write', () => {
    const { refuse, told } = states.sending();
    refuse('EEXIST');
    expect(told).toEqual(['placed 0', 'EEXIST', 'unwritten']);
  });

  it.each(['stored', 'failed'] as const)('that has %s sends and reports nothing more', (state) => {
    const { transfer, told, sent, take, store } = states[state]();
    const before = [...told];
    transfer.end();
    take();
    store();
    transfer.cancel();
    expect(told).toEqual(before);
    expect(transfer.isClosed).toBe(true);
    expect(sent()?.filter((said) => said.startsWith('end'))).toHaveLength(state === 'stored' ? 1 : 0);
  });

  it.each(Object.keys(states) as (keyof typeof states)[])('can be cancelled when it is %s', (state) => {
    const { transfer, told, store, lose } = states[state]();
    const before = [...told];
    transfer.cancel();
    store();
    lose();
    expect(told).toEqual(before);
    expect(transfer.isClosed).toBe(true);
  });
});
