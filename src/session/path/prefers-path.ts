import type { FrameOf } from '../../protocol/frames.js';
import { MIN_PATH_BODY_BYTES } from '../../protocol/limits.js';

/** Whether the body of a request is large, or may be, so that it should go over a UDP path. */
export function prefersPath(open: Omit<FrameOf<'open'>, 'type' | 'id'>): boolean {
  if (open.op === 'upload') return isLarge(open.size);
  return open.op === 'download' && open.follow !== true && isLarge(open.maxBytes);
}

function isLarge(bytes = Infinity): boolean {
  return bytes >= MIN_PATH_BODY_BYTES;
}
