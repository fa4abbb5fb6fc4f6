/** Checks what the user may do, both clocks, and the rate in both directions, by a test file. */
import type { FileClient } from '../../../index.js';
import { errorCode, exitOf } from '../../runner/exit-of.js';
import { formatDuration } from '../../values/duration.js';
import { formatSize } from '../../values/size.js';
import type { DoctorReport } from '../doctor-report.js';
import { checkUdp } from './check-udp.js';
import { TestFile } from './test-file.js';

/** Difference between two clocks that synchronisation by time survives. */
const MAX_SKEW_MS = 2_000;

/** What the checks of files need. */
export interface FileChecks {
  readonly client: FileClient;
  /** Makes a client that prefers UDP. */
  readonly udpClient: () => FileClient;
  readonly directory: string;
  readonly size: number;
  readonly isReadOnly: boolean;
  readonly signal: AbortSignal;
}

export async function checkFiles(report: DoctorReport, checks: FileChecks): Promise<void> {
  if (!(await checkListing(report, checks))) return;
  const { client, isReadOnly, signal } = checks;
  if (isReadOnly) {
    report.passed('permissions', `List ${whereText(checks)}`);
    return notMeasured(report, '--read-only writes no test file');
  }
  const file = new TestFile(client, checks);
  const startedMs = Date.now();
  let written: Awaited<ReturnType<TestFile['write']>>;
  try {
    written = await file.write(signal);
  } catch (error) {
    signal.throwIfAborted();
    return cannotWrite(report, error);
  }
  try {
    report.passed('permissions', `List and write ${whereText(checks)}`);
    checkClock(report, { mtimeMs: written.mtimeMs, startedMs, endedMs: Date.now() });
    report.passed('upload', `${formatSize(written.bytesPerSecond)}/s, by ${formatSize(file.size)}`);
    await checkDownload(report, file, signal);
    await checkUdp(report, { file, open: checks.udpClient, signal });
  } finally {
    await removeFile(report, file);
  }
}

async function checkListing(
  report: DoctorReport,
  { client, directory, signal }: FileChecks,
): Promise<boolean> {
  try {
    const listing = client.list(directory, { signal });
    await listing.next();
    await listing.return?.();
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const hint =
      exitOf(error) === 'missing'
        ? 'Write another path in the URL, or create the directory with mkdir.'
        : 'Ask the operator of the server for the permission to list.';
    report.failed({ check: 'permissions', message: messageOf(error), hint, exit: exitOf(error) });
    return false;
  }
}

/** A server that only lets read is no failure. */
function cannotWrite(report: DoctorReport, error: unknown): void {
  if (['EACCES', 'EROFS', 'ENOTSUP'].includes(errorCode(error) ?? '')) {
    report.passed('permissions', `List, and not write (${errorCode(error) ?? ''})`);
    return notMeasured(report, 'this needs the permission to write');
  }
  const hint = 'The server may be full, or limit the size of files: try --size 1K.';
  report.failed({ check: 'permissions', message: messageOf(error), hint, exit: exitOf(error) });
}

function notMeasured(report: DoctorReport, reason: string): void {
  for (const check of ['clock', 'upload', 'download', 'UDP']) report.skipped(check, `Not checked: ${reason}`);
}

function checkClock(
  report: DoctorReport,
  { mtimeMs, startedMs, endedMs }: { mtimeMs: number; startedMs: number; endedMs: number },
): void {
  // The server has set the time between these two.
  const skewMs = mtimeMs < startedMs ? mtimeMs - startedMs : Math.max(0, mtimeMs - endedMs);
  const size = Math.abs(skewMs);
  if (size <= MAX_SKEW_MS) return report.passed('clock', 'Both clocks say the same');
  report.failed({
    check: 'clock',
    message: `The clock of the server is ${formatDuration(size)} ${skewMs < 0 ? 'slow' : 'fast'}, or the one here is wrong`,
    hint: 'Let both machines set their clocks by NTP: sync compares times.',
    exit: 'other',
  });
}

async function checkDownload(report: DoctorReport, file: TestFile, signal: AbortSignal): Promise<void> {
  try {
    report.passed('download', `${formatSize(await file.read(signal))}/s`);
  } catch (error) {
    signal.throwIfAborted();
    const hint = 'Ask the operator of the server for the permission to read.';
    report.failed({ check: 'download', message: messageOf(error), hint, exit: exitOf(error) });
  }
}

async function removeFile(report: DoctorReport, file: TestFile): Promise<void> {
  try {
    await file.remove();
  } catch (error) {
    const hint = `Remove the file /${file.path} yourself.`;
    report.failed({ check: 'removal', message: messageOf(error), hint, exit: exitOf(error) });
  }
}

function whereText({ directory }: FileChecks): string {
  return directory === '' ? 'the root' : `/${directory}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
