/** A folder with a program `socket-ftp serve` on a free port, for tests of other commands. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Program, runProgram, type ProgramOptions, type ProgramOutcome } from './program.js';

/** A served directory, and a directory to work in. */
export class Served {
  readonly folder: string;
  /** What the server serves. */
  readonly root: string;
  /** Where commands are run. */
  readonly cwd: string;
  readonly server: Program;
  #url = '';

  private constructor(folder: string, args: readonly string[]) {
    this.folder = folder;
    this.root = path.join(folder, 'root');
    this.cwd = path.join(folder, 'work');
    this.server = new Program(['serve', this.root, '--port', '0', ...args], { cwd: folder });
  }

  /** Starts a server of these files, which clients may change. */
  static start(files: Readonly<Record<string, string | Buffer>> = {}, ...args: string[]): Promise<Served> {
    return Served.startReadOnly(files, '--writable', ...args);
  }

  /** Starts a server of these files. */
  static async startReadOnly(
    files: Readonly<Record<string, string | Buffer>> = {},
    ...args: string[]
  ): Promise<Served> {
    const folder = await newFolder();
    await mkdir(path.join(folder, 'work'));
    await writeFiles(path.join(folder, 'root'), files);
    const served = new Served(folder, args);
    const [, url = ''] = await served.server.says(/(socket-ftps?:\/\/[^/"]+)\//);
    served.#url = url;
    return served;
  }

  /** The URL of a path. */
  url(remote = ''): string {
    return `${this.#url}/${remote}`;
  }

  /** The names in a directory, sorted, without the folder in which the server keeps what it knows of uploads. */
  async names(directory = ''): Promise<string[]> {
    const names = await readdir(path.join(this.root, directory));
    return names.filter((name) => name !== '.socket-ftp').sort();
  }

  /** Runs a command in the work folder. */
  run(args: readonly string[], options: Partial<ProgramOptions> = {}): Promise<ProgramOutcome> {
    return runProgram(args, { cwd: this.cwd, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.child.kill('SIGKILL');
    await this.server.outcome();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An empty folder. */
export function newFolder(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
}

/** Writes files, with their directories. */
export async function writeFiles(
  root: string,
  files: Readonly<Record<string, string | Buffer>>,
): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), content);
  }
}
