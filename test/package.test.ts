import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as library from '../src/index.js';
import { importsOf } from './support/sources/imports.js';
import { readSources } from './support/sources/sources.js';
import { repositoryRoot } from './support/repository.js';
import { runNode, runNpm } from './support/package/run.js';
import { packInto, type Tarball } from './support/package/tarball.js';

const names = {
  'socket-ftp': '{ FileClient, FileServer, TransferError }',
  'socket-ftp/client': '* as clientAlone',
  'socket-ftp/protocol': '{ builtinCodecs }',
  'socket-ftp/contracts': '* as contracts',
  'socket-ftp/testing': '{ connectedPair }',
  'node:assert/strict': 'assert',
  'node:fs': 'fs',
  'node:stream/promises': '{ pipeline }',
};

// The same lines run as an ES module and as CommonJS, and are compiled as both.
const use = `
async function main() {
  fs.mkdirSync('files', { recursive: true });
  fs.writeFileSync('files/a.txt', 'What is sent is what arrives.');
  const server = await new FileServer({ codec: 'json', root: 'files' }).listen(0);
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const client = new FileClient({ port: address.port, codec: 'json' });
  await pipeline(client.download('a.txt'), fs.createWriteStream('b.txt'));
  await client.close();
  await server.close();
  assert.deepEqual(fs.readFileSync('b.txt'), fs.readFileSync('files/a.txt'));
  assert.ok(Object.keys(contracts).length > 0);
  assert.equal(clientAlone.FileClient, FileClient);
  assert.equal(clientAlone.TransferError, TransferError);
  const pair = await connectedPair({ files: { a: 'in memory' }, wire: { splitBytes: 3 } });
  assert.equal(await pair.client.readFile('a', 'utf8'), 'in memory');
  await assert.rejects(pair.client.stat('b'), (error) => error instanceof TransferError);
  await pair.close();
  let errors = 0;
  const decoder = builtinCodecs.json.decoder(
    { frame() {}, payload() {}, error: (error) => (errors += Number(error instanceof TransferError)) },
    { maxHeaderBytes: 100, maxFrameBytes: 100 },
  );
  decoder.write(Buffer.from('no JSON\\n'));
  assert.equal(errors, 1);
}
void main().then(() => console.log('equal'));
`;

/** Milliseconds for a compiler that reads all types of Node, on a machine that has other things to do. */
const COMPILER_MS = 60_000;

describe('the installed package', () => {
  let home: string;
  let tarball: Tarball;

  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'socket-ftp-'));
    tarball = await packInto(home);
    await writeFile(path.join(home, 'package.json'), '{ "private": true }');
    // Offline, because there is nothing besides to be had.
    const options = ['--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'];
    await runNpm(['install', ...options, tarball.filename], { cwd: home });
  });

  afterAll(() => rm(home, { recursive: true, force: true }));

  it('has no dependencies', async () => {
    const names = ['.bin', '.package-lock.json', 'socket-ftp'];
    expect(await readdir(path.join(home, 'node_modules'))).toEqual(names);
  });

  it('has a program that runs by its name', async () => {
    const shown = await runNpm(['exec', '--offline', '--', 'socket-ftp', 'ls', '--help'], { cwd: home });
    expect(shown).toContain('Usage: socket-ftp ls');
    expect(
      (await readdir(path.join(home, 'node_modules/.bin'))).every((name) => name.startsWith('socket-ftp')),
    ).toBe(true);
  });

  it('contains the build, the documents, the examples, and neither sources nor maps', () => {
    const expected = [
      /^dist\/[\w-]+\.(?:c?js|d\.c?ts)$/,
      /^docs\/(?:(?:guides|concepts|reference)\/)?[\w-]+\.(?:md|svg)$/,
      /^test\/vectors\/[\w-]+\.(?:json|md)$/,
      /^test\/vectors\/conformance\/(?:[\w-]+\/)?[\w-]+\.(?:json|md|mjs)$/,
      /^examples\/(?:[\w-]+\/)?[\w-]+\.(?:js|md|pem|py)$/,
      /^(?:package\.json|(?:README|SECURITY|CHANGELOG)\.md|LICENSE|llms\.txt)$/,
    ];
    const paths = tarball.files.map((file) => file.path);
    expect(paths.filter((file) => !expected.some((form) => form.test(file)))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(['dist/index.js', 'LICENSE', 'README.md', 'llms.txt']));
  });

  it('has a conformance kit that runs from its folder', async () => {
    const kit = 'node_modules/socket-ftp/test/vectors/conformance';
    const driver = ['--', process.execPath, `${kit}/driver.mjs`];
    const args = [`${kit}/run.mjs`, 'client', '--codec', 'json', '--only', 'stat: a', ...driver];
    const { code, stdout } = await runNode(args, { cwd: home });
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('All transcripts') as string,
    });
  });

  it('has examples that run from its folder', async () => {
    const example = 'node_modules/socket-ftp/examples/12-embedding.js';
    expect(await runNode([example], { cwd: home })).toMatchObject({ code: 0, stderr: '' });
  });

  it('sends a file when it is imported as an ES module', async () => {
    const folder = await newFolder(home, 'esm');
    await writeFile(path.join(folder, 'use.mjs'), importing() + use);
    expect(await runNode(['use.mjs'], { cwd: folder })).toEqual({ code: 0, stdout: 'equal\n', stderr: '' });
  });

  it('sends a file when it is required as CommonJS', async () => {
    const folder = await newFolder(home, 'cjs');
    await writeFile(path.join(folder, 'use.cjs'), requiring() + use);
    expect(await runNode(['use.cjs'], { cwd: folder })).toEqual({ code: 0, stdout: 'equal\n', stderr: '' });
  });

  it('has types for both kinds of module, without skipLibCheck', { timeout: COMPILER_MS }, async () => {
    const folder = await newFolder(home, 'types');
    await writeFile(path.join(folder, 'use.mts'), importing() + use);
    await writeFile(path.join(folder, 'use.cts'), importing() + use);
    await writeFile(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['use.mts', 'use.cts'] }),
    );
    const compiler = path.join(repositoryRoot, 'node_modules/typescript/bin/tsc');
    expect(await runNode([compiler, '-p', '.'], { cwd: folder, timeoutMs: COMPILER_MS })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});

describe('the build', () => {
  it.each(['.js', '.cjs'])('has one TransferError for all entries, in the %s files', async (extension) => {
    const folder = path.join(repositoryRoot, 'dist');
    const files = (await readdir(folder)).filter((file) => path.extname(file) === extension);
    const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
    const classes = /TransferError\w* = class \w* ?extends Error\b|class TransferError\w* extends Error\b/g;
    expect(texts.join('\n').match(classes)).toHaveLength(1);
  });

  it('has a program without a copy of the library', async () => {
    const text = await readFile(path.join(repositoryRoot, 'dist/cli.js'), 'utf8');
    expect(text).toContain("import('./index.js')".replaceAll("'", '"'));
    expect(text).not.toContain('socket-ftp.TransferError');
  });

  it('has the licence of every package that the program bundles', async () => {
    const text = await readFile(path.join(repositoryRoot, 'dist/cli.js'), 'utf8');
    const sources = [...(await readSources())].filter(([file]) => file.startsWith('cli/'));
    const specifiers = sources.flatMap(([file, source]) => importsOf(file, source));
    const packages = new Set(specifiers.filter((name) => name !== undefined && !/^(?:\.|node:)/.test(name)));
    expect(packages).toContain('commander');
    for (const name of packages) expect(text).toContain(`${name}:\n`);
    expect(text.match(/Permission is hereby granted/g)).toHaveLength(packages.size);
  });

  it('as an ES module and as CommonJS takes the errors of both for its own', async () => {
    const dist = path.join(repositoryRoot, 'dist');
    const module = (await import(pathToFileURL(path.join(dist, 'index.js')).href)) as typeof library;
    const common = createRequire(import.meta.url)(path.join(dist, 'index.cjs')) as typeof library;
    expect(module.TransferError).not.toBe(common.TransferError);
    for (const error of [new module.TransferError('ENOENT'), new common.TransferError('ENOENT')]) {
      expect(error instanceof module.TransferError && error instanceof common.TransferError).toBe(true);
      expect(module.TransferError.is(error) && common.TransferError.is(error)).toBe(true);
    }
  });

  it('keeps the names of classes, which stacks and logs show', async () => {
    const built = (await import(pathToFileURL(path.join(repositoryRoot, 'dist/index.js')).href)) as object;
    const classes = Object.entries(built).filter(([, value]) => String(value).startsWith('class '));
    expect(classes.length).toBeGreaterThan(0);
    for (const [name, value] of classes) expect(value).toHaveProperty('name', name);
  });
});

const compilerOptions = {
  module: 'NodeNext',
  target: 'ES2023',
  lib: ['ES2023'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  types: ['node'],
  typeRoots: [path.join(repositoryRoot, 'node_modules/@types')],
};

function importing(): string {
  return Object.entries(names)
    .map(([module, name]) => `import ${name} from '${module}';\n`)
    .join('');
}

function requiring(): string {
  return Object.entries(names)
    .map(([module, name]) => `const ${name.replace('* as ', '')} = require('${module}');\n`)
    .join('');
}

async function newFolder(home: string, name: string): Promise<string> {
  const folder = path.join(home, name);
  await mkdir(folder);
  return folder;
}
