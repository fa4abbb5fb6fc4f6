/** Checks whether large files can travel over UDP. */
import type { FileClient } from '../../../index.js';
import { formatSize } from '../../values/size.js';
import type { DoctorReport } from '../doctor-report.js';
import type { TestFile } from './test-file.js';

/** Smaller files travel over TCP in any case. */
const MIN_UDP_BYTES = 1024 * 1024;

interface UdpCheck {
  readonly file: TestFile;
  readonly open: () => FileClient;
  readonly signal: AbortSignal;
}

export async function checkUdp(report: DoctorReport, { file, open, signal }: UdpCheck): Promise<void> {
  if (file.size < MIN_UDP_BYTES) {
    return report.skipped('UDP', 'Not checked: this needs a test file of at least 1 MiB');
  }
  const client = open();
  let reason: string | undefined;
  client.on('fallback', (event) => (reason = event.reason));
  try {
    const bytesPerSecond = await file.read(signal, client);
    if (client.stats().udpBytesReceived > 0)
      return report.passed('UDP', `${formatSize(bytesPerSecond)}/s down, with --transport udp`);
    tellFallback(report, reason ?? 'The file came over TCP.');
  } catch (error) {
    signal.throwIfAborted();
    tellFallback(report, error instanceof Error ? error.message : String(error));
  } finally {
    await client.close();
  }
}

/** A server need not offer UDP. */
function tellFallback(report: DoctorReport, reason: string): void {
  if (/does not offer UDP|not one of TCP/.test(reason)) return report.skipped('UDP', reason);
  const hint =
    'Let the UDP ports of the server through the firewall: serve --udp-ports names them. TCP works without.';
  report.failed({ check: 'UDP', message: reason, hint, exit: 'connection' });
}
