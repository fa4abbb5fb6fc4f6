/** Where a sender takes the bytes of bodies from. */
export interface BodySource {
  /**
   * The next bytes to send, 1 to `maxBytes` of one body; they are copied at once. `undefined` if there are none now, for
   * example because no channel has credit; the sender asks again at its next call of `send`.
   */
  take(maxBytes: number): BodyPiece | undefined;
  /** Bytes that were taken before are sent again, because they were lost. */
  onResent(bytes: number): void;
}

/** A part of the body of a channel. */
export interface BodyPiece {
  readonly channelId: number;
  /** Bytes of the body before it. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}
