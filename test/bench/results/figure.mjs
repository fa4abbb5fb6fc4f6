/** A number as a person reads it. */
// @ts-check

/** For unknown values, and those without meaning. */
export const UNKNOWN = '-';

/** Three digits that count. @param {number} value */
export function figure(value) {
  if (Number.isNaN(value)) return UNKNOWN;
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
