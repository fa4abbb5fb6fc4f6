/** An upload whose connections and channels are in the hands of a test. */
import { UploadBody } from '../../../src/client/streams/upload-body.js';
import type { UploadPlan } from '../../../src/client/streams/upload-plan.js';
import { UploadTransfer } from '../../../src/client/streams/upload-transfer.js';
import { ClientCounters } from '../../../src/client/monitoring/client-counters.js';
import type { ClientContext } from '../../../src/client/request/client-context.js';
import { TransferError } from '../../../src/errors.js';
import { BodyChecksum } from '../../../src/protocol/body-checksum.js';
import { parseUserPath } from '../../../src/protocol/remote-path.js';
import type { RequestFields } from '../../../src/session/client-session.js';
import type { ClientChannel, ClientChannelListener } from '../../../src/session/channel/client-channel.js';
import { ConnectionRecord } from '../../../src/client/connection/connection-record.js';
import type { ClientConnection } from '../../../src/client/connection/client-connection.js';
import { RequestSessions } from '../../../src/client/repeats/request-sessions.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import type { DispatchedRequest } from '../../../src/client/connection/dispatched-request.js';

export const path = parseUserPath('file');
const hello = Buffer.from('hello');
export const CHECKSUM = 'crc32:3610a686';

/** A channel that holds its output until the test reads it. */
class FakeChannel {
  queued = false;
  closed = false;
  readonly sent: string[] = [];
  #done: (() => void) | undefined;

  send(pieces: readonly Uint8Array[], done: () => void): void {
    const text = Buffer.concat(pieces).toString();
    if (text === '') return done();
    this.sent.push(text);
    this.#done = done;
  }

  take(): void {
    const done = this.#done;
    this.#done = undefined;
    done?.();
  }

  end(bytes: number, checksum: string | undefined): void {
    this.sent.push(`end ${bytes} ${checksum}`);
  }

  cancel(): void {
    this.sent.push('cancel');
  }
}

/** An upload, its channels, and what it was told. */
export function fakeUpload({ isResumed = false, size, isWhole = false }: Partial<Settings> = {}) {
  const opens: RequestFields[] = [];
  const channels: FakeChannel[] = [];
  const told: string[] = [];
  let request: DispatchedRequest | undefined;
  const sessions = new RequestSessions();
  let sessionId = 'a'.repeat(32);
  const session = {
    isOpen: true,
    features: new Set(['upload-status']),
    stopWaiting: () => undefined,
    request: (fields: RequestFields, _wants: unknown, given: ClientChannelListener) => {
      const open: FrameOf<'open'> = { type: 'open', id: 1, ...fields };
      given.onOpening?.(open);
      current = given;
      opens.push(open);
      const channel = new FakeChannel();
      channels.push(channel);
      return channel as unknown as ClientChannel;
    },
  };
  const dispatcher = {
    reconnects: true,
    dispatch: (dispatched: DispatchedRequest) => (request = dispatched),
    release: () => undefined,
    retry: () => true,
  };
  const counters = new ClientCounters();
  const context = { dispatcher, counters, checksum: 'crc32' } as unknown as ClientContext;
  const body = new UploadBody('crc32', isWhole ? { whole: hello } : { isKept: true });
  const plan: UploadPlan = { conditions: { size }, resumeId: isResumed ? 'a'.repeat(32) : undefined, body };
  const transfer = new UploadTransfer(context, plan, {
    onOffset: (offset) => {
      told.push(`placed ${offset}`);
      if (isResumed && !isWhole) body.begin(offset, sumOf(offset));
    },
    onStored: ({ size, checksum }) => void told.push(`stored ${size} ${checksum}`),
    onFailed: (error) => {
      const { code, outcomeUnknown } = error as TransferError;
      told.push(outcomeUnknown ? `${code} outcomeUnknown` : code);
    },
  });
  transfer.start({}, () => path);
  const begin = (): void => {
    const requestSession = sessions.welcome(sessionId);
    const record = new ConnectionRecord(0);
    const udp = { holds: () => false };
    const connection = { session, udp, record, requestSession, numbersChanges: true };
    request?.begin(connection as unknown as ClientConnection);
  };
  const write = (text: string): void =>
    transfer.write([Buffer.from(text)], (error) => void told.push(error ? 'unwritten' : 'written'));
  let current = request as unknown as ClientChannelListener;
  const listener = (): Required<ClientChannelListener> => current as Required<ClientChannelListener>;
  const last = (): FakeChannel | undefined => channels.at(-1);
  return {
    ...{ transfer, opens, channels, told, begin, write },
    take: () => last()?.take(),
    sent: () => last()?.sent,
    abort: () => request?.fail(new TransferError('ECANCELED')),
    /** The next connection has another session. */
    restart: () => (sessionId = 'b'.repeat(32)),
    accept: (offset?: number) =>
      listener().onAccept({ type: 'accept', id: 1, path, offset, checksum: 'crc32', window: 65_536 }),
    acknowledge: (bytes: number) => listener().onAck(bytes),
    lose: (outcomeUnknown = true) =>
      listener().onLost(new TransferError('ECONNRESET', undefined, { outcomeUnknown: outcomeUnknown })),
    refuse: (code: 'EEXIST' | 'EGONE') => listener().onClose(new TransferError(code)),
    answer: (result: Partial<FrameOf<'result'>>) => listener().onClose({ type: 'result', id: 1, ...result }),
    store: (bytes = 5, checksum = CHECKSUM, storedAs: string = path) =>
      listener().onClose({
        type: 'result',
        id: 1,
        path: storedAs,
        kind: 'file',
        size: bytes,
        mtime: 1,
        bytes,
        checksum,
      }),
  };
}

interface Settings {
  isResumed: boolean;
  size: number;
  isWhole: boolean;
}

function sumOf(bytes: number): BodyChecksum {
  const sum = new BodyChecksum('crc32');
  sum.update(hello.subarray(0, bytes));
  return sum;
}
