/** Uploads one file under the rules of `put`. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { FileClient, FileEntry } from '../../../index.js';
import { ExitError } from '../../runner/exit-error.js';
import { errorCode } from '../../runner/exit-of.js';
import type { TallyFile } from '../report/transfer-tally.js';
import { freeName } from './existing-rule.js';
import type { FileJob, JobSettings } from './file-job.js';
import { isSameFile } from './same-file.js';

interface Upload {
  readonly job: FileJob;
  readonly file: TallyFile;
  readonly settings: JobSettings;
}

/** Uploads the file, or leaves it out. */
export async function uploadOne(client: FileClient, { job, file, settings }: Upload): Promise<void> {
  const stats = await stat(job.local);
  if (!stats.isFile()) {
    throw new ExitError('partial', `${job.local} is no file, and is not read.`, { code: 'EINVAL' });
  }
  const facts = { size: stats.size, mtimeMs: stats.mtimeMs };
  const target = await targetOf(client, { job, facts, settings });
  if (target === undefined) return file.skipped('equal');
  if (target === 'skip') return file.skipped('exists');
  const options = {
    overwrite: target.overwrite,
    makeDirectories: settings.makesParents,
    signal: settings.signal,
    onProgress: ({ bytes, total }: { bytes: number; total: number | undefined }) =>
      file.progress(bytes, total),
  };
  const upload = settings.isFresh ? uploadFresh : uploadResumed;
  const { size } = await upload(client, { local: job.local, remote: target.path, options, facts });
  file.done(target.path, size);
}

interface Target {
  readonly path: string;
  readonly overwrite: boolean;
}

async function targetOf(
  client: FileClient,
  { job, facts, settings }: { job: FileJob; facts: { size: number; mtimeMs: number }; settings: JobSettings },
): Promise<Target | 'skip' | undefined> {
  const { signal } = settings;
  const existing = await remoteEntry(client, job.remote, signal);
  if (!existing) return { path: job.remote, overwrite: false };
  if (existing.kind === 'directory') {
    throw new ExitError('refused', `/${job.remote} is a directory.`, { code: 'EISDIR' });
  }
  if (settings.isFresh) return { path: job.remote, overwrite: true };
  const remote = { size: existing.size, mtimeMs: existing.mtime.getTime() };
  if (await isSameFile(client, { local: facts, remote, paths: job, signal })) return undefined;
  const decision = await settings.decide({
    name: `/${job.remote}`,
    sourceMtimeMs: facts.mtimeMs,
    targetMtimeMs: remote.mtimeMs,
  });
  if (decision === 'skip') return 'skip';
  if (decision === 'replace') return { path: job.remote, overwrite: true };
  const isTaken = async (name: string): Promise<boolean> =>
    (await remoteEntry(client, name, signal)) !== undefined;
  return { path: await freeName(job.remote, isTaken), overwrite: false };
}

/** Undefined if there is none, or if this user must not know: the server then still refuses to replace a file. */
export async function remoteEntry(
  client: FileClient,
  path: string,
  signal: AbortSignal,
): Promise<FileEntry | undefined> {
  try {
    return await client.stat(path, { signal });
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

interface Sending {
  readonly local: string;
  readonly remote: string;
  readonly facts: { readonly size: number; readonly mtimeMs: number };
  readonly options: NonNullable<Parameters<FileClient['uploadFile']>[2]>;
}

function uploadResumed(client: FileClient, { local, remote, options }: Sending): Promise<FileEntry> {
  return client.uploadFile(local, remote, options);
}

/** A stream has an id of its own, so the server continues nothing. */
async function uploadFresh(
  client: FileClient,
  { local, remote, options, facts }: Sending,
): Promise<FileEntry> {
  const { overwrite, makeDirectories, signal, onProgress } = options;
  const upload = client.upload(remote, {
    overwrite,
    makeDirectories,
    signal,
    onProgress,
    mtime: new Date(facts.mtimeMs),
  });
  await pipeline(createReadStream(local), verified(local, facts), upload);
  return upload.completed;
}

/** Passes bytes on, and fails at the end if the file has changed: the upload then stores nothing. */
function verified(local: string, facts: Sending['facts']) {
  return async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    yield* source;
    const now = await stat(local);
    if (now.size === facts.size && now.mtimeMs === facts.mtimeMs) return;
    throw new ExitError('changed', `${local} changed while it was read.`, { code: 'ESTALE' });
  };
}
