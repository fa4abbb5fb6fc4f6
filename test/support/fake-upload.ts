/** An upload whose connections and channels are in the hands of a test. */
import { UploadBody } from '../../src/client/streams/upload-body.js';
import { UploadTransfer, type UploadPlan } from '../../src/client/streams/upload-transfer.js';
import type { ClientContext } from '../../src/client/request/client-context.js';
import { TransferError } from '../../src/errors.js';
import { BodyChecksum } from '../../src/protocol/body-checksum.js';
import type { FrameOf } from '../../src/protocol/frames.js';
import { parseUserPath } from '../../src/protocol/remote-path.js';
import type { RequestFields } from '../../src/session/client-session.js';
import type { ClientChannel } from '../../src/session/channel/client-channel.js';
import type { DispatchedRequest } from '../../src/client/connection/dispatcher.js';

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

/** An upload, its channels, and its callbacks. */
export function fakeUpload({ isOlder = false, size, isWhole = false }: Partial<Settings> = {}) {
  const opens: RequestFields[] = [];
  const channels: FakeChannel[] = [];
  const told: string[] = [];
  let request: DispatchedRequest | undefined;
  const session = {
    request: (fields: RequestFields) => {
      opens.push(fields);
      const channel = new FakeChannel();
      channels.push(channel);
      return channel as unknown as ClientChannel;
    },
  };
  const link = {
    reconnects: true,
    enlist: (enlisted: DispatchedRequest) => (request = enlisted),
    release: () => undefined,
    progressed: () => undefined,
    retry: () => true,
  };
  const requester = { link, checksum: 'crc32' } as unknown as ClientContext;
  const body = new UploadBody('crc32', isWhole ? { whole: hello } : { isKept: true });
  const plan: UploadPlan = { conditions: { size }, id: 'a'.repeat(32), isOlder, body };
  const transfer = new UploadTransfer(requester, plan, {
    onPlaced: (offset) => {
      told.push(`placed ${offset}`);
      if (isOlder && !isWhole) body.begin(offset, sumOf(offset));
    },
    onStored: ({ size, checksum }) => void told.push(`stored ${size} ${checksum}`),
    onFailed: ({ code, outcomeUnknown }) => void told.push(outcomeUnknown ? `${code} outcomeUnknown` : code),
  });
  transfer.start({}, () => path);
  const begin = (): void =>
    request?.begin({ session } as unknown as Parameters<DispatchedRequest['begin']>[0]);
  const write = (text: string): void =>
    transfer.write([Buffer.from(text)], (error) => void told.push(error ? 'unwritten' : 'written'));
  const listener = request as unknown as {
    accepted(frame: FrameOf<'accept'>): void;
    closed(outcome: FrameOf<'result'> | TransferError): void;
    lost(error: TransferError): void;
    acknowledged(offset: number): void;
  };
  const last = (): FakeChannel | undefined => channels.at(-1);
  return {
    ...{ transfer, opens, channels, told, begin, write },
    take: () => last()?.take(),
    sent: () => last()?.sent,
    accept: (offset?: number) => listener.accepted({ type: 'accept', id: 1, path, offset }),
    acknowledge: (bytes: number) => listener.acknowledged(bytes),
    lose: (outcomeUnknown = true) =>
      listener.lost(new TransferError('ECONNRESET', undefined, { outcomeUnknown: outcomeUnknown })),
    refuse: (code: 'EEXIST') => listener.closed(new TransferError(code)),
    store: (bytes = 5, checksum = CHECKSUM, storedAs: string = path) =>
      listener.closed({ type: 'result', id: 1, path: storedAs, kind: 'file', size: bytes, bytes, checksum }),
  };
}

interface Settings {
  isOlder: boolean;
  size: number;
  isWhole: boolean;
}

function sumOf(bytes: number): BodyChecksum {
  const sum = new BodyChecksum('crc32');
  sum.update(hello.subarray(0, bytes));
  return sum;
}
