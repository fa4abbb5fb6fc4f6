/** The figures of measured transfers. */
// @ts-check

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Bytes that were received until a time. @typedef {{ atMs: number, bytes: number }} Sample */

/** Mbit/s between two times. @param {readonly Sample[]} samples @param {number} fromMs @param {number} toMs */
export function rateBetween(samples, fromMs, toMs) {
  return ((bytesAt(samples, toMs) - bytesAt(samples, fromMs)) * 8) / 1e3 / (toMs - fromMs);
}

/** @param {readonly Sample[]} samples @param {number} atMs */
function bytesAt(samples, atMs) {
  return samples.findLast((sample) => sample.atMs <= atMs)?.bytes ?? 0;
}

/** Packets of a transfer beyond those that its bytes need, as a share. @param {number} packets @param {number} bytes @param {number} payload - of a full packet */
export function extraShare(packets, bytes, payload) {
  return packets / Math.ceil(bytes / payload) - 1;
}
