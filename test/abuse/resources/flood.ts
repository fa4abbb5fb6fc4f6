/** One connection that sends a lot. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** The outcome of a flood. */
export interface FloodOutcome {
  /** Of the frames, how many have left. */
  readonly sent: number;
  /** Whether the server has closed the connection, or stopped reading it. */
  readonly end: 'taken' | 'closed' | 'not read';
}

const BATCH_BYTES = 64 * 1024;

/** Milliseconds without progress after which the server is considered to have stopped reading. */
const PATIENCE_MS = 1_500;

/** Sends a greeting, and then frames until all are sent, or nothing more is taken. It never reads. */
export async function flood(
  port: number,
  opening: string,
  frames: { count: number; frame: (number: number) => string; ready: () => Promise<boolean> },
): Promise<{ outcome: FloodOutcome; socket: Socket }> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
  socket.on('error', () => undefined);
  socket.pause();
  await once(socket, 'connect');
  socket.write(opening);
  while (!(await frames.ready()));
  let sent = 0;
  while (sent < frames.count) {
    let batch = '';
    for (; sent < frames.count && batch.length < BATCH_BYTES; sent += 1) batch += frames.frame(sent);
    if (!socket.writable) return { socket, outcome: { sent, end: 'closed' } };
    if (!socket.write(batch) && !(await drained(socket))) {
      return { socket, outcome: { sent, end: socket.writable ? 'not read' : 'closed' } };
    }
  }
  return { socket, outcome: { sent, end: 'taken' } };
}

/** Sends frames, and reads the answers, until the server ends the connection. Resolves with the last line. */
export async function floodUntilEnd(
  port: number,
  opening: string,
  frame: (number: number) => string,
): Promise<{ sent: number; lastWord: string }> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2', allowHalfOpen: true });
  let tail = '';
  let failure: Error | undefined;
  socket.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString('latin1')).slice(-BATCH_BYTES)));
  socket.on('error', (error) => (failure = error));
  const ended = once(socket, 'end');
  ended.catch(() => undefined);
  await once(socket, 'connect');
  socket.write(opening);
  let sent = 0;
  while (!socket.readableEnded && !socket.destroyed) {
    let batch = '';
    for (; batch.length < BATCH_BYTES; sent += 1) batch += frame(sent);
    if (!socket.write(batch)) await Promise.race([once(socket, 'drain'), ended]).catch(() => undefined);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  socket.destroy();
  if (failure) throw failure;
  return { sent, lastWord: tail.trimEnd().split('\n').at(-1) ?? '' };
}

async function drained(socket: Socket): Promise<boolean> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const { signal } = stop;
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]);
    return socket.writable;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}
