import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Output } from '../../../src/cli/output/output.js';
import { systemScheduler } from '../../../src/cli/progress/scheduler.js';
import { existingDecision } from '../../../src/cli/transfer/files/existing-decision.js';
import { decideByRule, freeName } from '../../../src/cli/transfer/files/existing-rule.js';
import { filesFrom } from '../../../src/cli/transfer/files/files-from.js';
import { localTarget, namesContainer } from '../../../src/cli/transfer/places/local-target.js';

describe('a target that exists and differs', () => {
  const versions = (sourceMtimeMs: number | undefined, targetMtimeMs: number | undefined) => {
    return { name: 'a', sourceMtimeMs, targetMtimeMs };
  };

  it.each([
    [2, 1, 'replace'],
    [1, 2, 'skip'],
    [1, 1, 'skip'],
    [undefined, 1, 'skip'],
  ] as const)('is replaced by the rule newer only if it is older: %s, %s', (source, target, decision) => {
    expect(decideByRule('newer', versions(source, target))).toBe(decision);
  });

  it('is refused by the rule fail, with the choices', () => {
    expect(() => decideByRule('fail', versions(1, 1))).toThrow(/--existing: skip, replace, rename or newer/);
  });

  it.each([
    ['a.txt', 'a (2).txt'],
    ['d/a', 'd/a (2)'],
    ['.profile', '.profile (2)'],
    ['d.e/a', 'd.e/a (2)'],
    ['a.tar.gz', 'a.tar (2).gz'],
  ])('gives %s the first free name %s', async (name, free) => {
    expect(await freeName(name, async (candidate) => candidate.includes('(1)'))).toBe(free);
  });

  function onTerminal() {
    const modes: boolean[] = [];
    const setRawMode = (mode: boolean) => modes.push(mode);
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode });
    const stderr = Object.assign(new PassThrough(), { isTTY: true });
    const output = new Output(
      { stdout: new PassThrough(), stderr },
      { isJson: false, isQuiet: false, isVerbose: false },
    );
    const { signal } = new AbortController();
    const context = { output, stdin, env: {}, signal, scheduler: systemScheduler, commands: [] };
    const display = { update() {}, end() {}, pause: <T>(dialogue: () => Promise<T>) => dialogue() };
    return { decide: existingDecision(undefined, 'replace', { context, display }), stdin, stderr, modes };
  }

  it('is asked about in the mode of a terminal in which Ctrl-C is a signal', async () => {
    const { decide, stdin, modes } = onTerminal();
    stdin.write('y\n');
    expect(await decide(versions(1, 1))).toBe('replace');
    expect(modes).toEqual([]);
  });

  it('stays, and is a failure, if the input ends instead of an answer', async () => {
    const { decide, stdin } = onTerminal();
    stdin.end();
    for (const time of [1, 2]) await expect(decide(versions(time, 3))).rejects.toThrow(/--existing/);
  });

  it('is asked about on a terminal, one question at a time, until an answer is for all', async () => {
    const { decide, stdin, stderr } = onTerminal();
    let questions = 0;
    const replies = ['?\n', 'n\n', 'R\n'];
    stderr.on('data', (bytes: Buffer) => {
      if (!bytes.toString().includes('Replace it?')) return;
      stdin.write(replies[questions++] ?? '');
    });
    const decisions = await Promise.all([1, 2, 3].map(async () => decide(versions(1, 1))));
    expect(decisions).toEqual(['skip', 'rename', 'rename']);
    expect(questions).toBe(3);
  });
});

describe('the target of a download', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it.each([
    ['.', true],
    ['..', true],
    ['./', true],
    ['a/..', true],
    ['/', true],
    ['a', false],
    ['a/', false],
    ['.a', false],
  ])('%s is a place for sources: %s', (target, isContainer) => {
    expect(namesContainer(target)).toBe(isContainer);
  });

  it('is the same for a directory, whether it exists or not', async () => {
    const target = path.join(folder, 'copy');
    const source = { name: 'photos', kind: 'directory' } as const;
    expect(await localTarget(source, target, false)).toBe(target);
    await mkdir(target);
    expect(await localTarget(source, target, false)).toBe(target);
  });

  it('of a file is below a directory that exists', async () => {
    const source = { name: 'a.txt', kind: 'file' } as const;
    expect(await localTarget(source, folder, false)).toBe(path.join(folder, 'a.txt'));
    expect(await localTarget(source, path.join(folder, 'b.txt'), false)).toBe(path.join(folder, 'b.txt'));
  });

  it('is the name of the source by default, and below the target for several', async () => {
    const source = { name: 'a', kind: 'directory' } as const;
    expect(await localTarget(source, undefined, false)).toBe('a');
    expect(await localTarget(source, 'b', true)).toBe(path.join('b', 'a'));
    expect(await localTarget(source, '.', false)).toBe('a');
    await expect(localTarget({ name: '', kind: 'directory' }, undefined, false)).rejects.toThrow(/root/);
  });

  it('is below the names of a list, which never leave it', async () => {
    const read = (text: string, isZero = false) =>
      filesFrom('-', { isZero, stdin: Readable.from([Buffer.from(text)]) });
    expect(await read('a\r\nb/c\n\n')).toEqual(['a', 'b/c']);
    expect(await read('a\nb\0c\0', true)).toEqual(['a\nb', 'c']);
    for (const name of ['../a', '/a', 'a/../../b']) await expect(read(name)).rejects.toThrow(/relative/);
    const file = path.join(folder, 'list');
    await writeFile(file, 'x\n');
    expect(await filesFrom(file, { isZero: false, stdin: Readable.from([]) })).toEqual(['x']);
  });
});
