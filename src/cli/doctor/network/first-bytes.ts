/** Connects to a port, says `hello`, and reads the first bytes of the answer. */
import { connect, type NetConnectOpts, type Socket } from 'node:net';

/** A port that accepts connections, or why it does not. */
export type Reached =
  | { readonly firstBytes: Buffer; readonly isClosed: boolean; readonly connectMs: number }
  | { readonly error: NodeJS.ErrnoException };

/** Times in ms. */
export interface ProbeTimes {
  readonly connectMs: number;
  readonly answerMs: number;
  readonly signal: AbortSignal;
}

/** The first line of a client of this protocol in its codec `text`. Programs with other protocols answer with an error. */
const HELLO = 'hello version=1\n';

/** Enough to recognise every program; a peer could send bytes without end. */
const MAX_FIRST_BYTES = 512;

/** Never rejects, except after an abort. `firstBytes` is empty if the program says nothing within the time. */
export async function firstBytes(where: NetConnectOpts, times: ProbeTimes): Promise<Reached> {
  times.signal.throwIfAborted();
  const startedAt = performance.now();
  const socket = connect(where);
  const destroy = (): void => void socket.destroy();
  times.signal.addEventListener('abort', destroy);
  try {
    const error = await connected(socket, times.connectMs);
    times.signal.throwIfAborted();
    if (error) return { error };
    const connectMs = performance.now() - startedAt;
    return { ...(await answer(socket, times.answerMs)), connectMs };
  } finally {
    times.signal.removeEventListener('abort', destroy);
    socket.destroy();
  }
}

function connected(socket: Socket, limitMs: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(Object.assign(new Error('No answer'), { code: 'ETIMEDOUT' }));
    }, limitMs);
    const settle = (error?: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      resolve(error);
    };
    socket.once('connect', () => settle());
    socket.on('error', settle);
    socket.once('close', () => settle());
  });
}

/** Says `hello`, and resolves with what the program answers. A reset is an end: its bytes have been read. */
export function answer(socket: Socket, limitMs: number): Promise<{ firstBytes: Buffer; isClosed: boolean }> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const settle = (isClosed: boolean): void => {
      clearTimeout(timer);
      resolve({ firstBytes: bytes, isClosed });
    };
    const timer = setTimeout(() => settle(false), limitMs);
    socket.on('data', (piece: Buffer) => {
      bytes = Buffer.concat([bytes, piece]);
      if (isEnough(bytes)) settle(false);
    });
    socket.once('close', () => settle(true));
    socket.write(HELLO);
  });
}

/** Lines are read whole; a record of TLS or of the codec `binary` begins with a byte that no line has. */
function isEnough(bytes: Buffer): boolean {
  return (
    bytes.includes(10) ||
    bytes.length >= MAX_FIRST_BYTES ||
    /^[\x15\x16\xfe]/.test(bytes.toString('latin1', 0, 1))
  );
}
