/**
 * When to tell the receiver how many packets were sent: it cannot know that the last ones are lost, and reports nothing
 * while nothing arrives.
 */

/** Time in us between two sender reports: half a round trip, 20 ms at least. */
const MIN_INTERVAL_US = 20_000;

/**
 * Time in us, beyond a round trip, after which a sender that has more to send misses a report. Longer than the silence
 * after which a receiver takes what was announced for lost.
 */
const MISSED_REPORT_US = 150_000;

/** What a sender does: it sends at its rate, has nothing to send, or may not send. */
export type SenderState = 'ready' | 'empty' | 'blocked';

export interface AnnouncementTimes {
  readonly state: SenderState;
  /** The shortest round trip, and the interval of reports. */
  readonly rttUs: number;
  readonly reportUs: number;
  /** The last datagram. */
  readonly lastSentUs: number;
  /** The last report, or the first datagram after a pause. */
  readonly waitsSinceUs: number;
}

export class Announcements {
  #announcedTo = 0;
  #announcedUs = -Infinity;

  /** When packets up to `sentTo` are to be announced, in us; Infinity if they were. */
  dueUs(sentTo: number, { state, rttUs, reportUs, lastSentUs, waitsSinceUs }: AnnouncementTimes): number {
    if (sentTo <= this.#announcedTo) return Infinity;
    if (state === 'ready') return Math.max(this.#announcedUs, waitsSinceUs) + rttUs + MISSED_REPORT_US;
    const nextUs = this.#announcedUs + Math.max(MIN_INTERVAL_US, rttUs / 2);
    return state === 'empty' ? nextUs : Math.max(nextUs, lastSentUs + rttUs + 4 * reportUs);
  }

  add(sentTo: number, nowUs: number): void {
    this.#announcedTo = sentTo;
    this.#announcedUs = nowUs;
  }
}
