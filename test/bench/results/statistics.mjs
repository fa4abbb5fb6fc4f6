/** Numbers out of many numbers. */
// @ts-check

/** @typedef {{ median: number, min: number, max: number }} Summary */

/** @param {readonly number[]} values @returns {Summary} */
export function summaryOf(values) {
  return {
    median: quantile(values, 0.5),
    min: quantile(values, 0),
    max: quantile(values, 1),
  };
}

/**
 * The value below which that part of all is, between two values in proportion. NaN for none.
 *
 * @param {readonly number[]} values
 * @param {number} part - 0 to 1
 */
export function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  const position = part * (sorted.length - 1);
  const low = sorted[Math.floor(position)] ?? NaN;
  const high = sorted[Math.ceil(position)] ?? NaN;
  return low + (high - low) * (position - Math.floor(position));
}

/** NaN for none. @param {readonly number[]} values */
export function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
