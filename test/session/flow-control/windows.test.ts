import { describe, expect, it } from 'vitest';
import { MAX_INTEGER } from '../../../src/protocol/limits.js';
import { ReceiveWindow, SendWindow } from '../../../src/session/flow-control/windows.js';

describe('SendWindow', () => {
  it('allows the granted bytes minus the sent bytes', () => {
    const window = new SendWindow(100);
    window.spend(30);
    expect(window.available).toBe(70);
    expect(window.acknowledge(30, 100)).toBe(true);
    expect(window.available).toBe(100);
  });

  it('tolerates acks that are lost, late or duplicated', () => {
    const window = new SendWindow(100);
    window.spend(90);
    window.acknowledge(80, 100);
    window.acknowledge(20, 100);
    window.acknowledge(80, 100);
    expect(window.available).toBe(90);
  });

  it('rejects an ack of bytes that were never sent', () => {
    const window = new SendWindow(100);
    window.spend(10);
    expect(window.acknowledge(11, 100)).toBe(false);
    expect(window.available).toBe(90);
  });

  it('counts correctly under the largest window', () => {
    const window = new SendWindow(MAX_INTEGER);
    window.spend(10);
    expect(window.acknowledge(10, MAX_INTEGER)).toBe(true);
    expect(window.available).toBe(MAX_INTEGER - 10);
  });
});

describe('ReceiveWindow', () => {
  it('rejects the first byte beyond the grant', () => {
    const window = new ReceiveWindow(100);
    expect(window.receive(100)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });

  it('grants more when a quarter of the window has been consumed, and not before', () => {
    const window = new ReceiveWindow(100);
    window.receive(100);
    expect(window.consume(24)).toBeUndefined();
    expect(window.consume(1)).toEqual({ offset: 25, window: 100 });
    expect(window.receive(25)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });

  it('grants more in sixteenths to a body with offsets, also when it is widened', () => {
    const window = new ReceiveWindow(1_600);
    window.useOffsets();
    window.receive(1_600);
    expect(window.consume(99)).toBeUndefined();
    expect(window.consume(1)).toEqual({ offset: 100, window: 1_600 });
    window.widen(3_200);
    expect(window.consume(199)).toBeUndefined();
    expect(window.consume(1)).toEqual({ offset: 300, window: 3_200 });
  });

  it('grants nothing for received bytes: only consumption counts', () => {
    const window = new ReceiveWindow(100);
    for (let sent = 0; sent < 100; sent += 10) expect(window.receive(10)).toBe(true);
    expect(window.receive(10)).toBe(false);
  });

  it('can be widened, but not narrowed', () => {
    const window = new ReceiveWindow(100);
    window.widen(200);
    window.widen(50);
    expect(window.receive(200)).toBe(true);
    expect(window.receive(1)).toBe(false);
  });
});
