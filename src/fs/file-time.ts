/** Times of files as system calls take them. */

/**
 * The seconds of a date, as the nearest number whose whole milliseconds are those of the date: what Node makes of a date
 * by itself is a millisecond less as often as not, for the number is cut off and not rounded.
 */
export function fileTime(date: Date): number {
  return (date.getTime() + 0.0005) / 1000;
}
