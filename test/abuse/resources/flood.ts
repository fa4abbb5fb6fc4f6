/** One connection that sends a lot and never reads. */
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

/** Sends a greeting, and then frames until all are sent, or nothing more is taken. */
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
