/** Frames with their payload, as both ends of a fuzzed conversation send them. */
import { crc32 } from 'node:zlib';
import { isChecked, withCheck } from '../../../src/protocol/frame-check.js';
import type { Frame } from '../../../src/protocol/frames.js';
import type { FrameWithPayload } from '../../codecs/frames.arbitrary.js';

export function data(id: number, payload: Buffer): FrameWithPayload {
  return { frame: { type: 'data', id, length: payload.length }, payload };
}

export function plain(frame: Frame): FrameWithPayload {
  return { frame, payload: Buffer.alloc(0) };
}

export function sealed({ frame, payload }: FrameWithPayload): FrameWithPayload {
  return { frame: isChecked(frame) ? withCheck(frame) : frame, payload };
}

export function sumOf(bytes: Uint8Array): string {
  return `crc32:${crc32(bytes).toString(16).padStart(8, '0')}`;
}
