/** File times: those of `stat` as dates, and dates for `utimes`, `lutimes` and `futimes`. */

/** The range of a Date, in ms before and after 1970. */
const MAX_DATE_MS = 8.64e15;

const NS_PER_S = 1_000_000_000n;

/** Since Node.js 24, `utimes` keeps nanoseconds; before, it cuts fractions of a microsecond off, toward 1970. */
const KEEPS_NANOSECONDS = Number.parseInt(process.versions.node, 10) >= 24;

/**
 * The date of a time of bigint stats, equal to that of `fs.stat()` without `bigint`, which is rounded, where that is valid.
 * A time that no date can hold becomes the nearest date.
 */
export function fileDate(ns: bigint): Date {
  const rest = ns % NS_PER_S;
  const nanoseconds = rest < 0n ? rest + NS_PER_S : rest;
  const seconds = (ns - nanoseconds) / NS_PER_S;
  // In the arithmetic of `fs.stat()`: doubles of seconds and nanoseconds, which are inexact, are added and rounded.
  const ms = Math.round(Number(seconds) * 1e3 + Number(nanoseconds) / 1e6);
  return new Date(Math.max(-MAX_DATE_MS, Math.min(ms, MAX_DATE_MS)));
}

/**
 * The seconds of a date, plus half a microsecond away from 1970. Node cuts fractions of a microsecond off, so a plain
 * division by 1,000 loses a microsecond, and thereby a millisecond for programs that cut, for about half of all dates.
 */
export function fileTime(date: Date): number | string {
  const ms = date.getTime();
  return secondsOf(ms < 0 ? (ms - 0.0005) / 1000 : (ms + 0.0005) / 1000);
}

/** The seconds of a time of bigint stats, cut to a microsecond. */
export function fileTimeOf(ns: bigint): number | string {
  const rest = ns % 1_000n;
  const us = Number((ns - (rest < 0n ? rest + 1_000n : rest)) / 1_000n);
  return secondsOf(us < 0 && !KEEPS_NANOSECONDS ? (us - 0.5) / 1e6 : (us + 0.5) / 1e6);
}

function secondsOf(seconds: number): number | string {
  // Node takes a negative number, unlike its text, for the present time.
  return seconds < 0 ? String(seconds) : seconds;
}
