/** Downloads files and directories. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { FileClient } from '../../index.js';
import { forEachServer, serverGroups, withClient } from '../connection/with-client.js';
import { ByteBudget } from '../limits/byte-budget.js';
import { withinTime } from '../limits/within-time.js';
import { loadLibrary } from '../library.js';
import { startProgress } from '../progress/start-progress.js';
import type { CommandContext, RunCommand } from '../runner/command-context.js';
import type { InputOfCommand } from '../runner/command.js';
import { ExitError } from '../runner/exit-error.js';
import { usageError } from '../runner/usage-error.js';
import { isRemoteUrl, parseRemoteUrl, type RemoteUrl } from '../url/remote-url.js';
import { existingDecision } from './files/existing-decision.js';
import { downloadOne, type DownloadSettings } from './files/download-one.js';
import { runFileJobs, type FileJob } from './files/file-job.js';
import { filesFrom } from './files/files-from.js';
import { transferDirectory } from './files/transfer-directory.js';
import type { getCommand } from './get.js';
import { localTarget } from './places/local-target.js';
import { remoteSources, type FoundSource } from './places/remote-sources.js';
import { TransferTally } from './report/transfer-tally.js';
import { writeBody } from './write-body.js';

type Options = InputOfCommand<typeof getCommand>['options'];

/** What a download is about. */
interface Download {
  readonly urls: readonly RemoteUrl[];
  readonly target: string | undefined;
  /** Whether each source is put into the target under its own name. */
  readonly isInto: boolean;
  readonly names: readonly string[] | undefined;
  readonly options: Options;
  readonly settings: DownloadSettings;
}

export const runGet: RunCommand<typeof getCommand.options> = (input, context) =>
  withinTime(input.options.maxTime, context, (limited) => get(input, limited));

async function get({ operands, options }: InputOfCommand<typeof getCommand>, context: CommandContext) {
  const { urls, target } = parseOperands(operands);
  const display = startProgress(context.output, options.progress ?? 'auto', context.scheduler);
  const tally = new TransferTally(context.output, display, context.scheduler);
  try {
    if (target === '-') return await getToOutput(urls, options, context);
    const download: Download = {
      urls,
      target,
      isInto: urls.length > 1 || options.filesFrom !== undefined || urls.some(({ isPattern }) => isPattern),
      names: await namesOf(options, context),
      options,
      settings: settingsOf(options, {
        tally,
        decide: existingDecision(options.existing, 'fail', { context, display }),
        context,
      }),
    };
    const servers = serverGroups(urls).length;
    let server = 0;
    await forEachServer({ urls, options, context }, (client, ofServer) => {
      server += 1;
      return getFrom(client, ofServer, { ...download, isLast: server === servers });
    });
    const exit = tally.end({ exitNothing: options.exitNothing === true });
    return download.settings.budget.exit(exit, context.output);
  } finally {
    display.end();
  }
}

function settingsOf(
  options: Options,
  { tally, decide, context }: Pick<DownloadSettings, 'tally' | 'decide'> & { context: CommandContext },
): DownloadSettings {
  return {
    tally,
    decide,
    isFresh: options.fresh === true,
    budget: new ByteBudget(options.maxBytes),
    makesParents: options.parents === true || options.filesFrom !== undefined,
    connections: options.connections,
    signal: context.signal,
  };
}

function parseOperands(operands: readonly string[]): { urls: RemoteUrl[]; target: string | undefined } {
  const last = operands.at(-1) ?? '';
  const target = operands.length > 1 && !isRemoteUrl(last) ? last : undefined;
  const urls = (target === undefined ? operands : operands.slice(0, -1)).map(parseRemoteUrl);
  if (target === '-' && urls.length > 1)
    throw usageError('Only one file can be written to standard output; see cat.');
  return { urls, target };
}

async function namesOf(
  { filesFrom: list, from0 }: Options,
  { stdin }: CommandContext,
): Promise<string[] | undefined> {
  if (list === undefined && from0) throw usageError('--from0 needs --files-from.');
  return list === undefined ? undefined : filesFrom(list, { isZero: from0 === true, stdin });
}

interface Work {
  readonly jobs: FileJob[];
  readonly directories: { source: FoundSource; local: string }[];
}

async function getFrom(
  client: FileClient,
  urls: readonly RemoteUrl[],
  download: Download & { isLast: boolean },
): Promise<void> {
  const { target, isInto, settings, isLast } = download;
  if (isInto && target !== undefined) await mkdir(target, { recursive: true });
  const { jobs, directories } = await workOf(client, urls, download);
  for (const { source } of directories) settings.tally.expectDirectory(source.path);
  if (isLast) settings.tally.planned();
  await runFileJobs(jobs, settings, (job, file) => downloadOne(client, { job, file, settings }));
  for (const { source, local } of directories) await getDirectory(client, { source, local, download });
}

async function workOf(
  client: FileClient,
  urls: readonly RemoteUrl[],
  { target, isInto, names, settings }: Download,
): Promise<Work> {
  const work: Work = { jobs: [], directories: [] };
  for (const url of urls) {
    for (const source of await remoteSources(client, url, { names, signal: settings.signal })) {
      const local = await localTarget(source, target, isInto);
      await refuseUnportable(source, local);
      if (source.kind === 'directory') work.directories.push({ source, local });
      else work.jobs.push(jobFor(source, local));
    }
  }
  return work;
}

function jobFor({ path: remote, size, mtimeMs }: FoundSource, local: string): FileJob {
  return { remote, local, name: remote, size, mtimeMs };
}

/** On Windows, `a:b` is a stream of the file `a`, and `aux` a device. */
async function refuseUnportable({ name }: FoundSource, local: string): Promise<void> {
  if (process.platform !== 'win32' || name === '') return;
  const { isPortablePath } = await loadLibrary();
  if (!isPortablePath(name) && path.basename(local) === path.basename(name))
    throw new ExitError(
      'partial',
      `Windows cannot hold the name ${name}. Write another one behind the URL.`,
      {
        code: 'EILSEQ',
      },
    );
}

async function getDirectory(
  client: FileClient,
  { source, local, download }: { source: FoundSource; local: string; download: Download },
): Promise<void> {
  const { options, settings } = download;
  if (options.fresh) throw usageError('--fresh is for files: a directory is compared with its target.');
  if (options.parents) await mkdir(path.dirname(path.resolve(local)), { recursive: true });
  const { ignore, encodeNames, existing } = options;
  const renamed = await transferDirectory(client, {
    from: { remote: `/${source.path}` },
    to: { local },
    name: source.path,
    rule: existing,
    comparison: { ignore, encodeNames },
    ...settings,
  });
  const jobs = renamed.map((action): FileJob => {
    const remote = [source.path, action.path].filter((part) => part !== '').join('/');
    const { size, mtimeMs } = 'source' in action ? action.source : { size: undefined, mtimeMs: undefined };
    return { remote, local: path.join(local, action.localPath ?? action.path), name: remote, size, mtimeMs };
  });
  const decide = (): 'rename' => 'rename';
  await runFileJobs(jobs, settings, (job, file) =>
    downloadOne(client, { job, file, settings: { ...settings, decide } }),
  );
}

async function getToOutput(urls: readonly RemoteUrl[], options: Options, context: CommandContext) {
  const { output, signal } = context;
  const [url] = urls;
  if (output.settings.isJson) throw usageError('Standard output is the target: leave out --json.');
  if (url === undefined || url.isPattern || options.filesFrom !== undefined) {
    throw usageError('Only one file can be written to standard output; see cat.');
  }
  await withClient({ url, options, context }, async (client) => {
    await writeBody(client.download(url.path, { signal }), output.stdout);
  });
  return 'ok' as const;
}
