/** Receiver reports as frames. */
import type { FrameOf } from '../../protocol/frames.js';
import type { ReceiverReport } from '../../udp/report.js';
import { formatGaps, parseGaps } from './gaps.js';

export function reportFrame(id: number, report: ReceiverReport): FrameOf<'receiver-report'> {
  return {
    type: 'receiver-report',
    id,
    resolvedTo: report.resolvedTo,
    bytes: report.bytesReceived,
    lastArrival: report.lastArrivalUs,
    lastSendTime: report.lastSendTimeUs,
    hold: report.holdUs,
    minDelay: report.minOwdUs,
    gaps: formatGaps(report.gaps),
  };
}

/** Throws EPROTO if the gaps cannot be read. Whether the report is possible, the path finds out. */
export function reportOf(frame: FrameOf<'receiver-report'>): ReceiverReport {
  return {
    resolvedTo: frame.resolvedTo,
    bytesReceived: frame.bytes,
    lastArrivalUs: frame.lastArrival,
    lastSendTimeUs: frame.lastSendTime,
    minOwdUs: frame.minDelay,
    holdUs: frame.hold,
    gaps: parseGaps(frame.gaps),
  };
}
