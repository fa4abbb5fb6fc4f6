import type { TransferError } from '../../errors.js';
import type { Feature } from '../../protocol/handshake/features.js';
import type { FrameOf } from '../../protocol/frames.js';
import type { WantedBody } from '../../session/channel/wanted-body.js';
import type { RequestFields } from '../../session/client-session.js';

/** Defines a request and receives its events. */
export interface RequestHandler {
  /** Whether the server sends a body; `value`: it may send one, which is short. */
  readonly wants: WantedBody;
  /** Whether the request may be sent again, without a number, after the server may have received it. */
  // A method because the answer changes; a getter of an object literal would give each handler its own hidden class.
  isIdempotent(): boolean;
  /**
   * Whether the request changes something. Then it waits for `welcome`, and has a number in the session of the client, under
   * which it is carried out once, however often it is sent. Default false.
   */
  readonly isChange?: boolean;
  /** Whether an unanswered request has no effect that matters, so that no error has `outcomeUnknown`. Default true. */
  readonly isSafe?: boolean;
  /** Whether the work of the server does not depend on the size of a file or tree. Default false. */
  readonly isShort?: boolean;
  /** The feature without which the request fails with ENOTSUP. It then waits for `welcome`. Not for changes. */
  readonly feature?: Feature | undefined;
  /** Whether the server, after `accept`, waits for something that need never happen: no time limit applies. Default: no. */
  isEndless?(): boolean;
  /** The fields of the request; called for each connection. */
  fields(): RequestFields;
  /**
   * After a loss: whether the server may have carried out what its channels were given. Default: if it was sent.
   */
  mayBeDone?(): boolean;
  /** The fields of a request that tells whether a lost one was carried out. Default: there is none. */
  question?(): RequestFields | undefined;
  /** The answer to the question is that it was not carried out. */
  onUndone?(): void;
  /** The request has a channel, the first one or another one after a loss. */
  onStart?(): void;
  /** The server has accepted the request. An error thrown here ends the request. Without it, `accept` is EPROTO. */
  onAccept?(frame: FrameOf<'accept'>): void;
  /** How far the request has got, over all channels, in bytes: what is repeated does not count again. Default: always 0. */
  progress?(): number;
  /** The channel has received bytes. */
  onReadable?(): void;
  /** The server has acknowledged the body of the current channel up to this offset. */
  onAck?(offset: number): void;
  /**
   * Whether the request can continue on another channel after the server has ended this one because this end took or
   * sent too little. Default: it fails.
   */
  canPause?(): boolean;
  /** Whether the request can wait without a channel for its reader, so that others have its place. Default: no. */
  canGiveUpPlace?(): boolean;
  /** Whether the program waits for the request: then it does not pause. */
  wantsMore?(): boolean;
  /** The channel is gone; another one may follow. `isSent`: the server may have received what the channel was given. */
  onInterrupt?(isSent: boolean): void;
  /** Whether to send the request again, with other fields, after this error of the server. `later`: as after a loss. */
  repeatsAfter?(error: TransferError): 'now' | 'later' | 'never';
  /** The request has ended. Called once, and never before `start` has returned. */
  onEnd(outcome: FrameOf<'result'> | TransferError): void;
  /** The signal was aborted or the time has run out after `onEnd`, while received bytes still wait to be read. */
  onTimeout?(error: TransferError): void;
}
