import { mkdir, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../support/cli/events.js';
import { Served, writeFiles } from '../../../support/cli/served.js';

const isWindows = process.platform === 'win32';

/** Long enough that a plan looks for it under another name. */
const LARGE = 'moved, not sent again '.repeat(2_000);

describe('socket-ftp sync', () => {
  it('uploads and downloads what differs, and then has nothing to do', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'here/a.txt': 'a', 'here/sub/b.txt': 'b' });
    const up = ['sync', '--exit-nothing', 'here', served.url('there')];
    expect((await served.run(up)).code).toBe(0);
    expect((await served.run(up)).code).toBe(9);
    const down = ['sync', '--flush', '--exit-nothing', served.url('there'), 'back'];
    expect((await served.run(down)).code).toBe(0);
    expect((await served.run(down)).code).toBe(9);
    expect(await readFile(path.join(served.cwd, 'back/sub/b.txt'), 'utf8')).toBe('b');
  });

  it('shows each step with its reason in a dry run, and changes nothing', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, {
      'here/old.bin': LARGE,
      'here/size': 'x',
      'here/extra': 'x',
      'here/hash': '1',
    });
    await served.run(['sync', 'here', served.url('there')]);
    await rename(path.join(served.cwd, 'here/old.bin'), path.join(served.cwd, 'here/new.bin'));
    await rm(path.join(served.cwd, 'here/extra'));
    await writeFiles(served.cwd, { 'here/size': 'longer', 'here/hash': '2', 'here/added': 'x' });
    const dry = ['sync', '--dry-run', '--delete', '--checksum', 'here', served.url('there')];
    const { code, stdout, stderr } = await served.run(dry);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\+ new +added \(1 B\)$/m);
    expect(stdout).toMatch(/^~ size +size \(6 B\)$/m);
    expect(stdout).toMatch(/^~ hash +hash \(1 B\)$/m);
    expect(stdout).toMatch(/^> rename +old\.bin -> new\.bin$/m);
    expect(stdout).toMatch(/^- extra +extra$/m);
    expect(stderr).toContain('Dry run: ');
    expect(await served.names('there')).toEqual(['extra', 'hash', 'old.bin', 'size']);
    expect((await served.run([...dry, '--exit-diff'])).code).toBe(10);
    expect((await served.run(['sync', '--exit-diff', 'here', served.url('there')])).code).toBe(2);
  });

  it('shows the time as a reason', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'here/a': 'a' });
    await served.run(['sync', 'here', served.url('there')]);
    await utimes(path.join(served.cwd, 'here/a'), 1_000_000, 1_000_000);
    const dry = ['sync', '--dry-run', 'here', served.url('there')];
    expect((await served.run(dry)).stdout).toMatch(/^~ mtime +a \(1 B\)$/m);
    expect((await served.run([...dry, '--modify-window', 'none'])).stdout).not.toContain('mtime      a');
    expect((await served.run([...dry, '--modify-window', 'soon'])).code).toBe(2);
  });

  it('carries out exactly the plan of a dry run', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'here/a': 'a' });
    const { stdout } = await served.run(['sync', '--dry-run', '--json', 'here', served.url('there')]);
    expect(
      eventsOf(stdout)
        .map(({ event }) => event)
        .sort(),
    ).toContain('planEnd');
    await writeFile(path.join(served.cwd, 'plan'), stdout);
    await writeFiles(served.cwd, { 'here/later': 'not in the plan' });
    const apply = ['sync', '--plan', 'plan', 'here', served.url('there')];
    expect((await served.run([...apply, '--delete'])).code).toBe(2);
    expect((await served.run(apply)).code).toBe(0);
    expect(await served.names('there')).toEqual(['a']);
  });

  it('refuses a plan that was cut, or is for other directories, and changes nothing', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'here/a': 'a', 'here/b': 'b' });
    const { stdout } = await served.run(['sync', '--dry-run', '--json', 'here', served.url('there')]);
    await writeFiles(served.cwd, {
      plan: stdout,
      cut: stdout.split('\n').slice(0, 2).join('\n'),
      text: 'no plan',
    });
    expect((await served.run(['sync', '--plan', 'cut', 'here', served.url('there')])).code).toBe(8);
    expect((await served.run(['sync', '--plan', 'plan', 'here', served.url('elsewhere')])).code).toBe(8);
    expect((await served.run(['sync', '--plan', 'text', 'here', served.url('there')])).code).toBe(2);
    expect(await served.names()).toEqual([]);
  });

  it('refuses a plan before its first step if a source or a target has changed, and tells which', async () => {
    await using served = await Served.start({ 'there/a': 'first', 'there/extra': 'x', 'there/gone': 'x' });
    await writeFiles(served.cwd, { 'here/a': 'mine, longer', 'here/b': 'b', 'here/c': 'c', 'here/d/e': 'e' });
    const dry = ['sync', '--dry-run', '--json', '--delete', 'here', served.url('there')];
    await writeFile(path.join(served.cwd, 'plan'), (await served.run(dry)).stdout);
    await writeFiles(served.root, { 'there/a': 'theirs, and newer', 'there/c': 'a file of theirs' });
    await writeFiles(served.cwd, { 'here/b': 'changed', 'here/extra': 'y' });
    await rm(path.join(served.root, 'there/gone'));
    await rm(path.join(served.cwd, 'here/d'), { recursive: true });
    const apply = ['sync', '--plan', 'plan', 'here', served.url('there')];
    const { code, stderr } = await served.run(apply);
    expect(code).toBe(8);
    expect(stderr.split('\n').slice(0, -2).sort()).toEqual(
      [
        'a: the target is another version, or missing',
        'b: the source is another version',
        'c: the target has it now, too',
        'd/e: the source is missing',
        'd: the source has no such directory any more',
        'd: the source is missing',
        'extra: the source has it now, too',
      ].map((line) => `socket-ftp: ${line}`),
    );
    expect(stderr).toContain(
      '7 steps of the plan in plan cannot be carried out any more, so nothing was done',
    );
    expect(await served.names('there')).toEqual(['a', 'c', 'extra']);
    const events = eventsOf((await served.run([...apply, '--json'])).stdout);
    expect(events.filter(({ status }) => status === 'changed')).toHaveLength(7);
  });

  it('continues a plan of which an earlier run has done a part', async () => {
    await using served = await Served.start({ 'there/moved': LARGE, 'there/extra': 'x' });
    await writeFiles(served.cwd, { 'here/a': 'a', 'here/b': 'b', 'here/new-name': LARGE });
    const dry = ['sync', '--dry-run', '--json', '--delete', 'here', served.url('there')];
    await writeFile(path.join(served.cwd, 'plan'), (await served.run(dry)).stdout);
    await served.run(['put', 'here/a', served.url('there/a')]);
    await rename(path.join(served.root, 'there/moved'), path.join(served.root, 'there/new-name'));
    const source = await stat(path.join(served.cwd, 'here/new-name'));
    await utimes(path.join(served.root, 'there/new-name'), source.atime, source.mtime);
    const apply = ['sync', '--plan', 'plan', 'here', served.url('there')];
    const first = await served.run(apply);
    expect([first.code, first.stderr]).toEqual([0, expect.stringMatching(/^1 file, .*1 deleted/)]);
    expect(await served.names('there')).toEqual(['a', 'b', 'new-name']);
    const second = await served.run(apply);
    expect([second.code, second.stderr]).toEqual([0, expect.stringMatching(/^0 files, /)]);
  });

  it('carries out a plan for the root of the server', async () => {
    await using served = await Served.start({ extra: 'x' });
    await writeFiles(served.cwd, { 'here/a': 'a', 'here/sub/b': 'b' });
    const dry = ['sync', '--dry-run', '--json', '--delete', 'here', served.url()];
    await writeFile(path.join(served.cwd, 'plan'), (await served.run(dry)).stdout);
    const apply = ['sync', '--plan', 'plan', 'here', served.url()];
    const { code, stderr } = await served.run(apply);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^2 files, .*1 deleted/)]);
    expect(await served.names()).toEqual(['a', 'sub']);
  });

  it('refuses to delete more than half of the target, unless --max-delete says so', async () => {
    const files = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`there/${index}`, 'x']));
    await using served = await Served.start(files);
    await writeFiles(served.cwd, { 'here/0': 'x' });
    const mirror = ['sync', '--delete', 'here', served.url('there')];
    const { code, stderr } = await served.run(mirror);
    expect(code).toBe(8);
    expect(stderr).toContain('--max-delete');
    expect(await served.names('there')).toHaveLength(20);
    expect((await served.run(['sync', '--max-delete', '19', 'here', served.url('there')])).code).toBe(2);
    const done = await served.run([...mirror, '--max-delete', '19']);
    expect(done.stderr).toContain('19 deleted');
    expect(await served.names('there')).toEqual(['0']);
  });

  it('keeps what is replaced or deleted with --backup, and newer files with --newer', async () => {
    await using served = await Served.start({ 'there/a': 'theirs', 'there/gone': 'x' });
    await writeFiles(served.cwd, { 'here/a': 'mine, longer' });
    await utimes(path.join(served.cwd, 'here/a'), 1_000_000, 1_000_000);
    await served.run(['sync', '--newer', 'here', served.url('there')]);
    expect(await readFile(path.join(served.root, 'there/a'), 'utf8')).toBe('theirs');
    await served.run(['sync', '--delete', '--backup', '.old', 'here', served.url('there')]);
    expect(await readFile(path.join(served.root, 'there/.old/a'), 'utf8')).toBe('theirs');
    expect(await readFile(path.join(served.root, 'there/.old/gone'), 'utf8')).toBe('x');
    expect((await served.run(['check', '--backup', '.old', 'here', served.url('there')])).code).toBe(0);
  });

  it('leaves out what is ignored, and lets an option make exceptions of a file', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, {
      'here/a.log': 'x',
      'here/keep.log': 'x',
      'here/b': 'x',
      rules: '# logs\n*.log\n',
    });
    const ignore = ['--ignore-file', 'rules', '--ignore', '!keep.log'];
    expect((await served.run(['sync', ...ignore, 'here', served.url('there')])).code).toBe(0);
    expect(await served.names('there')).toEqual(['b', 'keep.log']);
    expect((await served.run(['sync', '--ignore-file', 'none', 'here', served.url('there')])).code).toBe(2);
  });

  it.skipIf(isWindows)('reports names and links with exit code 6, or encodes and follows them', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'here/a\\b': 'x', 'here/ok': 'y' });
    await symlink('ok', path.join(served.cwd, 'here/link'));
    const refused = await served.run(['sync', '--json', 'here', served.url('there')]);
    expect(refused.code).toBe(6);
    expect(eventsOf(refused.stdout)).toContainEqual(
      expect.objectContaining({ event: 'action', kind: 'problem', reason: 'name' }),
    );
    const up = ['sync', '--encode-names', '--links', 'follow', 'here', served.url('there')];
    expect((await served.run(up)).code).toBe(0);
    expect(await served.names('there')).toEqual(['a%5Cb', 'link', 'ok']);
    await served.run(['sync', '--encode-names', served.url('there'), 'back']);
    expect((await readdir(path.join(served.cwd, 'back'))).sort()).toEqual(['a\\b', 'link', 'ok']);
  });

  it.each([
    [['sync', 'a', 'b']],
    [['sync', 'socket-ftp://h/a', 'socket-ftp://h/b']],
    [['sync', 'a', 'socket-ftp://h/*']],
    [['sync', '--newer', '--delete', 'a', 'socket-ftp://h/a']],
    [['sync', '', 'socket-ftp://h/a']],
  ])('refuses %j', async (args) => {
    await using served = await Served.start();
    await mkdir(path.join(served.cwd, 'a'));
    expect((await served.run(args)).code).toBe(2);
  });
});

describe('a word that is nearly one of the program', () => {
  it.each([
    [['snyc', 'a', 'b'], 'Did you mean sync?'],
    [['sync', '--dlete', 'a', 'b'], 'Did you mean --delete?'],
  ])('is answered for %j with %j, and exit code 2', async (args, suggestion) => {
    await using served = await Served.start();
    const { code, stderr } = await served.run(args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(suggestion) as unknown]);
  });
});

describe('socket-ftp check', () => {
  it('ends with 0 for equal directories and with 10 for others, and changes nothing', async () => {
    await using served = await Served.start();
    await writeFiles(served.cwd, { 'here/a': 'a', 'here/b': 'b' });
    await served.run(['sync', 'here', served.url('there')]);
    const check = ['check', '--checksum', 'here', served.url('there')];
    const equal = await served.run(check);
    expect([equal.code, equal.stdout]).toEqual([0, '']);
    expect(equal.stderr).toContain('2 equal');
    await writeFiles(served.cwd, { 'here/a': 'A', 'here/c': 'c' });
    await writeFile(path.join(served.root, 'there/d'), 'd');
    const { code, stdout } = await served.run(check);
    expect(code).toBe(10);
    expect(stdout).toMatch(/^~ hash +a/m);
    expect(stdout).toMatch(/^\+ new +c/m);
    expect(stdout).toMatch(/^- extra +d$/m);
    expect(await served.names('there')).toEqual(['a', 'b', 'd']);
    const { stdout: json } = await served.run([...check, '--json']);
    expect(eventsOf(json).at(-1)).toMatchObject({ event: 'checked', equal: 1, missing: 1, extra: 1 });
  });
});
