/** File times for `utimes` and `futimes`. */

/**
 * The seconds of a date, plus half a microsecond. Node cuts fractions of a millisecond off, so a plain division by 1,000
 * loses a millisecond for about half of all dates.
 */
export function fileTime(date: Date): number {
  return (date.getTime() + 0.0005) / 1000;
}
