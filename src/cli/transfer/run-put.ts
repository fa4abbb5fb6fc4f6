/** Uploads files and directories. */
import { lstat, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileClient } from '../../index.js';
import { withClient } from '../connection/with-client.js';
import { ByteBudget } from '../limits/byte-budget.js';
import { withinTime } from '../limits/within-time.js';
import { startProgress } from '../progress/start-progress.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import type { InputOfCommand } from '../runner/command.js';
import { usageError } from '../runner/usage-error.js';
import { isRemoteUrl, parseRemoteUrl, type RemoteUrl } from '../url/remote-url.js';
import { existingDecision } from './files/existing-decision.js';
import { runFileJobs, type FileJob, type JobSettings } from './files/file-job.js';
import { filesFrom } from './files/files-from.js';
import { transferDirectory } from './files/transfer-directory.js';
import { remoteEntry, uploadOne } from './files/upload-one.js';
import type { putCommand } from './put.js';
import { TransferTally } from './report/transfer-tally.js';

type Options = InputOfCommand<typeof putCommand>['options'];

interface Upload {
  readonly client: FileClient;
  readonly url: RemoteUrl;
  readonly options: Options;
  readonly settings: JobSettings;
}

/** A source on this machine. */
interface LocalSource {
  readonly local: string;
  /** The path below the target, for sources that are put into it. */
  readonly name: string;
}

export const runPut: RunCommand<typeof putCommand.options> = (input, context) =>
  withinTime(input.options.maxTime, context, (limited) => put(input, limited));

async function put({ operands, options }: InputOfCommand<typeof putCommand>, context: CommandContext) {
  const { sources, url } = parseOperands(operands, options);
  const display = startProgress(context.output, options.progress ?? 'auto', context.scheduler);
  const tally = new TransferTally(context.output, display, context.scheduler);
  const settings: JobSettings = {
    tally,
    decide: existingDecision(options.existing, 'replace', { context, display }),
    isFresh: options.fresh === true,
    budget: new ByteBudget(options.maxBytes),
    makesParents: options.parents === true || options.filesFrom !== undefined,
    signal: context.signal,
  };
  try {
    await withClient({ url, options, context }, async (client) => {
      const upload: Upload = { client, url, options, settings };
      if (sources[0] === '-') await putInput(upload, context);
      else await putSources(upload, await localSources(sources, options, context));
    });
    const exit = tally.end({ exitNothing: options.exitNothing === true });
    return settings.budget.exit(exit, context.output);
  } finally {
    display.end();
  }
}

function parseOperands(operands: readonly string[], { filesFrom: list, from0 }: Options) {
  const last = operands.at(-1) ?? '';
  const sources = operands.slice(0, -1);
  const misplaced = sources.find(isRemoteUrl);
  if (misplaced !== undefined) throw usageError('put has one URL, the last argument; a source is local.');
  const url = parseRemoteUrl(last);
  if (url.isPattern)
    throw usageError('The target must not contain * ? or [; as characters they are %2A %3F %5B.');
  if (sources.includes('-') && sources.length > 1)
    throw usageError('Standard input can only be the only source.');
  if (list === undefined && from0) throw usageError('--from0 needs --files-from.');
  if (list !== undefined && sources.length > 1)
    throw usageError('--files-from needs one source: a directory.');
  return { sources, url };
}

async function localSources(
  sources: readonly string[],
  { filesFrom: list, from0 }: Options,
  { stdin }: CommandContext,
): Promise<LocalSource[]> {
  if (list === undefined)
    return sources.map((local) => ({ local, name: path.basename(path.resolve(local)) }));
  const names = await filesFrom(list, { isZero: from0 === true, stdin });
  return names.map((name) => ({ local: path.join(sources[0] ?? '.', name), name }));
}

async function putSources(upload: Upload, sources: readonly LocalSource[]): Promise<void> {
  const { client, url, options, settings } = upload;
  const isInto = sources.length > 1 || options.filesFrom !== undefined;
  if (isInto && url.path !== '') await client.mkdir(url.path, { recursive: true, signal: settings.signal });
  const jobs: FileJob[] = [];
  const directories: { source: LocalSource; remote: string }[] = [];
  for (const source of sources) {
    const stats = await stat(source.local);
    const isDirectory = stats.isDirectory();
    const remote = await remoteTarget(upload, source, { isInto, isDirectory });
    if (isDirectory) directories.push({ source, remote });
    else
      jobs.push({
        remote,
        local: source.local,
        name: source.local,
        size: stats.size,
        mtimeMs: stats.mtimeMs,
      });
  }
  for (const { source } of directories) settings.tally.expectDirectory(source.local);
  settings.tally.planned();
  await runFileJobs(jobs, settings, (job, file) => uploadOne(client, { job, file, settings }));
  for (const { source, remote } of directories) await putDirectory(upload, { local: source.local, remote });
}

/** The path of the result. Except for a file and a directory that exists, it does not depend on what exists. */
async function remoteTarget(
  { client, url, settings }: Upload,
  { name }: LocalSource,
  { isInto, isDirectory }: { isInto: boolean; isDirectory: boolean },
): Promise<string> {
  if (url.path === '') return name;
  if (isInto) return `${url.path}/${name}`;
  if (isDirectory) return url.path;
  const existing = await remoteEntry(client, url.path, settings.signal);
  return existing?.kind === 'directory' ? `${url.path}/${name}` : url.path;
}

async function putDirectory(
  { client, options, settings }: Upload,
  { local, remote }: { local: string; remote: string },
): Promise<void> {
  if (options.fresh) throw usageError('--fresh is for files: a directory is compared with its target.');
  const parent = remote.slice(0, Math.max(0, remote.lastIndexOf('/')));
  if (settings.makesParents && parent !== '') {
    await client.mkdir(parent, { recursive: true, signal: settings.signal });
  }
  const { ignore, encodeNames, links, existing } = options;
  const renamed = await transferDirectory(client, {
    from: { local },
    to: { remote: `/${remote}` },
    name: local,
    rule: existing,
    comparison: { ignore, encodeNames, links },
    ...settings,
  });
  const jobs: FileJob[] = [];
  for (const action of renamed) {
    const source = path.join(local, action.localPath ?? action.path);
    const { size, mtimeMs } = await lstat(source);
    jobs.push({ remote: `${remote}/${action.path}`, local: source, name: source, size, mtimeMs });
  }
  const decide = (): 'rename' => 'rename';
  await runFileJobs(jobs, settings, (job, file) =>
    uploadOne(client, { job, file, settings: { ...settings, decide } }),
  );
}

/** The upload is whole when the input ends. When this process ends before, the server stores nothing. */
async function putInput(
  { client, url, options, settings }: Upload,
  { stdin }: CommandContext,
): Promise<void> {
  const { signal, tally, makesParents, decide } = settings;
  if (options.filesFrom === '-') throw usageError('Standard input is the list already.');
  if (url.path === '') throw usageError('The URL must name a file for standard input.');
  const existing = await remoteEntry(client, url.path, signal);
  const versions = {
    name: `/${url.path}`,
    sourceMtimeMs: undefined,
    targetMtimeMs: existing?.mtime.getTime(),
  };
  const decision = existing ? await decide(versions) : undefined;
  tally.announce(1, 0);
  const file = tally.file('-', undefined);
  if (decision === 'skip') return file.skipped('exists');
  if (decision === 'rename') throw usageError('--existing rename does not apply to standard input.');
  const upload = client.upload(url.path, {
    overwrite: decision === 'replace',
    makeDirectories: makesParents,
    signal,
    onProgress: ({ bytes }) => file.progress(bytes, undefined),
  });
  await pipeline(stdin, upload, { signal });
  const { size } = await upload.completed;
  file.done(url.path, size);
}
