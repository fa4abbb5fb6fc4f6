/** An upload without a connection, whose answer is lost: what it asks next, and whether its outcome is known. */
import { describe, expect, it } from 'vitest';
import { CHECKSUM, path } from '../../support/doubles/fake-upload.js';
import { uploadStates as states } from '../../support/doubles/upload-states.js';

describe('an upload whose connection was lost', () => {
  it.each(['interrupted before its end', 'interrupted after its end'] as const)(
    'has no unknown outcome if the same session has refused it when it was %s',
    (state) => {
      const made = states[state]();
      made.refuse('EEXIST');
      expect(made.told.at(-1)).toBe('EEXIST');
    },
  );

  it('sets outcomeUnknown only if its end was sent', () => {
    const ended = states.ended();
    ended.abort();
    expect(ended.told.at(-1)).toBe('ECANCELED outcomeUnknown');
    const lost = states['interrupted after its end']();
    lost.abort();
    expect(lost.told.at(-1)).toBe('ECANCELED outcomeUnknown');
    const before = states['interrupted before its end']();
    before.abort();
    expect(before.told.at(-1)).toBe('ECANCELED');
    const unsent = states.ended();
    unsent.lose(false);
    unsent.begin();
    unsent.abort();
    expect(unsent.told.at(-1)).toBe('ECANCELED');
  });

  it('keeps its number if its end was sent, and takes another one otherwise', () => {
    const behind = states['interrupted after its end']();
    expect(behind.opens.map(({ requestId }) => requestId)).toEqual([1, 1]);
    const before = states['interrupted before its end']();
    expect(before.opens.map(({ requestId }) => requestId)).toEqual([1, 2]);
    expect(before.opens[1]).toMatchObject({ settledBelow: 2 });
    behind.accept(3);
    behind.take();
    behind.lose();
    behind.begin();
    expect(behind.opens.map(({ requestId }) => requestId)).toEqual([1, 1, 1]);
    behind.accept(3);
    behind.lose();
    behind.begin();
    // An accept proves that the server had not stored it.
    expect(behind.opens.map(({ requestId }) => requestId)).toEqual([1, 1, 1, 2]);
  });
});

describe('an upload whose session the server has forgotten', () => {
  const forgotten = () => {
    const made = states.ended();
    made.lose();
    made.restart();
    made.begin();
    return made;
  };

  it('is sent again under another number if its end was not sent', () => {
    const made = states.idle();
    made.lose();
    made.restart();
    made.begin();
    expect(made.opens[1]).toMatchObject({ op: 'upload', requestId: 1, settledBelow: 1, offset: 0 });
  });

  it('asks for its outcome if its end was sent, and takes the result of the stored file', () => {
    const made = forgotten();
    expect(made.opens[1]).toMatchObject({ op: 'upload-status', path, upload: made.opens[0]?.upload });
    expect(made.opens[1]?.requestId).toBeUndefined();
    made.store();
    expect(made.told.at(-1)).toBe(`stored 5 ${CHECKSUM}`);
    expect(made.opens).toHaveLength(2);
  });

  it('continues if it is suspended', () => {
    const made = forgotten();
    made.answer({ offset: 3 });
    expect(made.opens[2]).toMatchObject({ op: 'upload', requestId: 1, offset: 0 });
    made.accept(3);
    expect(made.sent()).toEqual(['lo']);
    made.take();
    made.store();
    expect(made.told.at(-1)).toBe(`stored 5 ${CHECKSUM}`);
  });

  it('is stored if the server completes it between its status and the next attempt', () => {
    const made = forgotten();
    made.answer({ offset: 5 });
    made.lose();
    made.begin();
    expect(made.opens.map(({ op }) => op)).toEqual(['upload', 'upload-status', 'upload', 'upload']);
    made.store();
    expect(made.told.at(-1)).toBe(`stored 5 ${CHECKSUM}`);
  });

  it('fails with EPROTO if it is stored after an accept and before its end', () => {
    const made = forgotten();
    made.answer({ offset: 3 });
    made.accept(3);
    made.lose();
    made.begin();
    made.store();
    expect(made.told.at(-1)).toBe('EPROTO');
  });

  it('is not sent again if the answer does not say that it is not stored', () => {
    const made = forgotten();
    made.answer({ path });
    expect(made.told.at(-1)).toBe('ECONNRESET outcomeUnknown');
    expect(made.opens).toHaveLength(2);
  });

  it('asks again on the next connection, and fails with the lost connection if the server does not know it', () => {
    const made = forgotten();
    made.lose();
    made.begin();
    expect(made.opens[2]).toMatchObject({ op: 'upload-status' });
    made.refuse('EGONE');
    expect(made.told.at(-1)).toBe('ECONNRESET outcomeUnknown');
    expect(made.opens).toHaveLength(3);
  });
});
