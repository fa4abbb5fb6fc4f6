import type { MinRtt } from './min-rtt.js';

/** The initial windows in bytes; `send` undefined is no limit. */
export interface ChannelWindows {
  readonly send: number | undefined;
  readonly receive: number;
  readonly minRtt: MinRtt;
  /** Whether one end sends a body. Default false. */
  readonly hasBody?: boolean | undefined;
  /** Whether the peer may send its body with offsets. Default false. */
  readonly takesOffsets?: boolean | undefined;
}
