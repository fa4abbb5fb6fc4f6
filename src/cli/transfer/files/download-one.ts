/** Downloads one file under the rules of `get`. */
import type { Stats } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileClient } from '../../../index.js';
import { loadLibrary } from '../../library.js';
import { errorCode } from '../../runner/exit-of.js';
import { ExitError } from '../../runner/exit-error.js';
import type { TallyFile } from '../report/transfer-tally.js';
import { freeName } from './existing-rule.js';
import type { FileJob, JobSettings } from './file-job.js';
import { isSameFile } from './same-file.js';

/** What only downloads have. */
export interface DownloadSettings extends JobSettings {
  readonly connections: number | undefined;
}

/** Downloads the file, or leaves it out. */
export async function downloadOne(
  client: FileClient,
  { job, file, settings }: { job: FileJob; file: TallyFile; settings: DownloadSettings },
): Promise<void> {
  const target = await targetOf(client, job, settings);
  if (target === undefined) return file.skipped('equal');
  if (target === 'skip') return file.skipped('exists');
  const { signal, connections, isFresh, makesParents } = settings;
  if (makesParents) await mkdir(path.dirname(target.path), { recursive: true });
  if (isFresh) await discardParts(target.path);
  const onProgress = ({ bytes, total }: { bytes: number; total: number | undefined }): void =>
    file.progress(bytes, total);
  const { size } = await client.downloadFile(job.remote, target.path, {
    overwrite: target.overwrite,
    connections,
    onProgress,
    signal,
  });
  file.done(target.path, size);
}

interface Target {
  readonly path: string;
  readonly overwrite: boolean;
}

/** Undefined for an equal file. A file that appears later is not replaced, unless that was decided. */
async function targetOf(
  client: FileClient,
  job: FileJob,
  settings: DownloadSettings,
): Promise<Target | 'skip' | undefined> {
  const existing = await localStats(job.local);
  if (!existing) return { path: job.local, overwrite: false };
  if (existing.isDirectory())
    throw new ExitError('refused', `${job.local} is a directory.`, { code: 'EISDIR' });
  const { mtimeMs, size } = job;
  if (settings.isFresh) return { path: job.local, overwrite: true };
  if (size !== undefined && mtimeMs !== undefined) {
    const facts = { local: existing, remote: { size, mtimeMs }, paths: job, signal: settings.signal };
    if (existing.isFile() && (await isSameFile(client, facts))) return undefined;
  }
  const decision = await settings.decide({
    name: job.local,
    sourceMtimeMs: mtimeMs,
    targetMtimeMs: existing.mtimeMs,
  });
  if (decision === 'skip') return 'skip';
  if (decision === 'replace') return { path: job.local, overwrite: true };
  const isTaken = async (name: string): Promise<boolean> => (await localStats(name)) !== undefined;
  return { path: await freeName(job.local, isTaken), overwrite: false };
}

async function localStats(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Removes what an interrupted download of this file has left. */
async function discardParts(target: string): Promise<void> {
  const { isPartialDownload } = await loadLibrary();
  const directory = path.dirname(target);
  const names = await readdir(directory).catch(() => []);
  const own = names.filter(
    (name) => name.startsWith(`.${path.basename(target)}.`) && isPartialDownload(name),
  );
  await Promise.all(own.map((name) => rm(path.join(directory, name), { force: true })));
}
