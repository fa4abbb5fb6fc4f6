import { describe, expect, it } from 'vitest';
import { clientTransitions, serverTransitions } from '../../../src/session/channel/transitions.js';

describe('the client half of a channel', () => {
  it('ends its body once', () => {
    expect(clientTransitions.sending.end).toBe('ended');
    expect(clientTransitions.ended.end).toBeUndefined();
  });

  it('sends no body after its end, nor after a cancel', () => {
    expect(clientTransitions.ended.data).toBeUndefined();
    expect(clientTransitions.cancelled.data).toBeUndefined();
  });

  it('can be cancelled once while the result is pending', () => {
    expect(clientTransitions.ended.cancel).toBe('cancelled');
    expect(clientTransitions.cancelled.cancel).toBeUndefined();
  });
});

describe('the server half of a channel', () => {
  it('sends no body before its accept', () => {
    expect(serverTransitions.opened.data).toBeUndefined();
  });

  it('accepts once', () => {
    expect(serverTransitions.opened.accept).toBe('serving');
    expect(serverTransitions.serving.accept).toBeUndefined();
  });

  it('ends its body once, and after its accept', () => {
    expect(serverTransitions.opened.end).toBeUndefined();
    expect(serverTransitions.serving.end).toBe('ended');
    expect(serverTransitions.ended.end).toBeUndefined();
    expect(serverTransitions.ended.data).toBeUndefined();
  });

  it('has one terminal frame, and nothing after it', () => {
    for (const event of ['accept', 'data', 'end', 'result', 'error'] as const) {
      expect(serverTransitions.closed[event]).toBeUndefined();
    }
  });
});

it('every state of either table can be reached', () => {
  for (const table of [clientTransitions, serverTransitions]) {
    const [first] = Object.keys(table);
    const reached = new Set([first, ...Object.values(table).flatMap((row) => Object.values(row))]);
    expect([...reached].sort()).toEqual(Object.keys(table).sort());
  }
});
