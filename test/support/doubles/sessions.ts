/** Two sessions without a transport: the test carries the bytes, in pieces of its choice. */
import { builtinCodecs } from '../../../src/codecs/builtin.js';
import type { Codec } from '../../../src/codecs/codec.js';
import { Recording } from '../../../src/contracts/codec/recording.js';
import { isChecked, withCheck } from '../../../src/protocol/frame-check.js';
import type { FrameOf } from '../../../src/protocol/frames.js';
import { INITIAL_WINDOW_BYTES } from '../../../src/protocol/limits.js';
import { ClientSession } from '../../../src/session/client-session.js';
import type { ServerChannel } from '../../../src/session/channel/server-channel.js';
import { ServerSession } from '../../../src/session/server-session.js';
import type { Session } from '../../../src/session/session.js';
import type { SessionSettings } from '../../../src/session/settings.js';
import type { TransferError } from '../../../src/errors.js';
import type { Channel } from '../../../src/session/channel/channel.js';

export const settings: SessionSettings = {
  agent: 'test',
  maxFrameBytes: 1_048_576,
  maxHeaderBytes: 16_384,
  maxChannels: 64,
  windowBytes: 262_144,
  keepAliveTimeoutMs: 45_000,
};

/** A request on the server of a {@link Pair}. */
export interface Asked {
  readonly channel: ServerChannel;
  readonly open: FrameOf<'open'>;
}

/** A client's and a server's session, and everything that was asked. */
export class Pair {
  readonly client: ClientSession;
  readonly server: ServerSession;
  readonly asked: Asked[] = [];
  clientEnded: { error: TransferError | undefined } | undefined;
  serverEnded: { error: TransferError | undefined } | undefined;

  constructor(codec: Codec = builtinCodecs.text, serverSettings: Partial<SessionSettings> = {}) {
    this.client = new ClientSession(codec, settings, { onEnd: (error) => (this.clientEnded = { error }) });
    this.server = new ServerSession(
      () => codec,
      { ...settings, ...serverSettings },
      {
        unknownCodecReply: () => Buffer.from('no codec'),
        onRequest: (channel, open) => {
          channel.listen({ onReadable: () => undefined, onStop: (error) => channel.fail(error) });
          if (open.op === 'upload' && open.offset === undefined) channel.allowEarly(INITIAL_WINDOW_BYTES);
          this.asked.push({ channel, open });
        },
        onEnd: (error) => (this.serverEnded = { error }),
      },
    );
  }

  /** Transfers the output of both sides until neither has more. */
  exchange(pieceBytes = Infinity): void {
    while (carry(this.client, this.server, pieceBytes) || carry(this.server, this.client, pieceBytes));
  }
}

/** Transfers the pending output of one session; false if there is none. */
export function carry(from: Session<Channel>, to: Session<Channel>, pieceBytes = Infinity): boolean {
  const bytes = Buffer.concat(from.read(65_536));
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    to.receive(Buffer.from(bytes.subarray(at, at + pieceBytes)));
  }
  return bytes.length > 0;
}

/** A header of the text codec with its check, as on a connection whose ends check headers. */
export function checkedLine(line: string): string {
  const [decoded] = new Recording(builtinCodecs.text).write(Buffer.from(`${line}\n`)).frames;
  if (!decoded || !isChecked(decoded.frame)) throw new TypeError(`The line has no check: ${line}`);
  return String(builtinCodecs.text.encode(withCheck(decoded.frame))).trimEnd();
}

/** The pending output of a session, as the lines of the text codec. */
export function says(session: Session<Channel>, enoughBytes = Infinity): string[] {
  return Buffer.concat(session.read(enoughBytes)).toString().split('\n').slice(0, -1);
}
