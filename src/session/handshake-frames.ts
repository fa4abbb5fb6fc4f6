/** The frames that each end may send before the handshake is complete. An `error` is one of the connection. */
import type { FrameType } from '../protocol/frames.js';

export const handshakeFrames = {
  client: new Set<FrameType | 'unknown'>(['hello']),
  server: new Set<FrameType | 'unknown'>(['welcome', 'ping', 'pong', 'error']),
} as const;
