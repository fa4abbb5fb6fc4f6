/**
 * The layers of the sources and every violation of them. Imports go downwards only:
 *
 *     cli                            the program, which uses only what index.ts exports
 *     index.ts, protocol.ts, contracts, testing   what the package exports
 *     metrics                        what monitoring systems read
 *     client, server                 which never meet
 *     session, storage, codecs       a session knows the contract of a codec, a server that of a storage
 *     udp-path                       sockets, handshake and timers of the datagrams of bodies
 *     udp                            the arithmetic of bodies in datagrams, without sockets and clocks
 *     options -> protocol -> errors.ts
 *     collections, buffers, fs, sync-fs, clock.ts, lazy-module.ts, maybe-promise.ts
 */
import path from 'node:path/posix';
import { importsOf } from './imports.js';

const CODEC = 'codecs/codec.ts';
const STORAGE = 'storage/storage.ts';
const STRATEGY = 'server/strategies/strategy.ts';

/** The allowed imports of a layer besides its own files: whole layers, and single files of others. */
const allowedImports: Record<string, readonly string[]> = {
  'errors.ts': [],
  'clock.ts': [],
  'lazy-module.ts': [],
  'lazy-builtin.ts': [],
  'maybe-promise.ts': [],
  collections: [],
  buffers: ['clock.ts'],
  fs: [],
  'sync-fs': ['clock.ts'],
  protocol: ['lazy-builtin.ts', 'errors.ts'],
  options: ['protocol', 'errors.ts'],
  udp: ['collections', 'buffers', 'protocol', 'errors.ts'],
  'udp-path': ['udp', 'collections', 'clock.ts', 'protocol', 'errors.ts'],
  codecs: ['protocol', 'errors.ts'],
  storage: [
    'fs',
    'sync-fs',
    'clock.ts',
    'lazy-module.ts',
    'maybe-promise.ts',
    'options',
    'protocol',
    'errors.ts',
  ],
  session: [CODEC, 'udp', 'collections', 'buffers', 'clock.ts', 'options', 'protocol', 'errors.ts'],
  client: [
    'lazy-module.ts',
    'lazy-builtin.ts',
    'session',
    'udp',
    'udp-path',
    CODEC,
    'collections',
    'buffers',
    'fs',
    'sync-fs',
    'clock.ts',
    'options',
    'protocol',
    'errors.ts',
  ],
  server: [
    'session',
    'udp',
    'udp-path',
    CODEC,
    STORAGE,
    'collections',
    'buffers',
    'clock.ts',
    'maybe-promise.ts',
    'http-status.ts',
    'options',
    'protocol',
    'errors.ts',
  ],
  metrics: ['client', 'server', 'options'],
  contracts: [STRATEGY, 'codecs', STORAGE, 'protocol', 'errors.ts'],
  testing: ['client', 'server', 'storage', 'collections', 'clock.ts', 'options', 'protocol', 'errors.ts'],
  cli: ['index.ts'],
  'protocol.ts': ['codecs', 'protocol'],
  'http-status.ts': ['errors.ts'],
  'client.ts': ['client', 'session', 'codecs', 'protocol', 'maybe-promise.ts', 'errors.ts'],
  'index.ts': [
    'client.ts',
    'client',
    'server',
    'metrics',
    'session',
    'codecs',
    'storage',
    'protocol',
    'http-status.ts',
    'maybe-promise.ts',
    'errors.ts',
  ],
};

/** Besides that, a file of options names the concrete codecs, storages and strategies that may be chosen. */
const allowedInOptions: Record<string, readonly string[]> = {
  client: ['codecs'],
  server: ['codecs', 'storage'],
};

/** Packages that a layer bundles. The library has none. */
const allowedPackages: Record<string, readonly string[]> = {
  cli: ['commander', 'get-east-asian-width'],
};

const MAX_LINES = 300;
const MAX_FILES = 12;

/** Sources by their path in `src`, `/`-separated. */
export type SourceTree = ReadonlyMap<string, string>;

/** Everything in a tree of sources that is against the layers, one sentence each. */
export function violations(tree: SourceTree): string[] {
  const graph = new Map([...tree].map(([file, text]) => [file, importsOf(file, text)]));
  const found = [...tree].flatMap(([file, text]) => [...placeAndSize(file, text)]);
  found.push(...crowdedFolders(tree));
  for (const [file, specifiers] of graph) {
    for (const specifier of specifiers) found.push(...againstLayers(file, specifier));
  }
  return [...found, ...circles(graph)];
}

function* placeAndSize(file: string, text: string): Generator<string> {
  if (!Object.hasOwn(allowedImports, layerOf(file))) yield `${file} is in no known layer.`;
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES) yield `${file} has ${lines} lines, more than ${MAX_LINES}.`;
}

function* crowdedFolders(tree: SourceTree): Generator<string> {
  const counts = new Map<string, number>();
  for (const file of tree.keys()) {
    const folder = path.dirname(file);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  for (const [folder, count] of counts) {
    if (count > MAX_FILES) yield `${folder}/ has ${count} files, more than ${MAX_FILES}.`;
  }
}

function* againstLayers(file: string, specifier: string | undefined): Generator<string> {
  if (specifier === undefined) {
    yield `${file} imports a computed name.`;
  } else if (specifier.startsWith('.')) {
    const target = targetOf(file, specifier);
    if (!mayImport(file, target)) yield `${file} must not import ${target}.`;
  } else if (!specifier.startsWith('node:') && !allowedPackages[layerOf(file)]?.includes(specifier)) {
    yield `${file} imports ${specifier}, which is not a node: module.`;
  }
}

function mayImport(file: string, target: string): boolean {
  const layer = layerOf(file);
  const isOptions = file.endsWith('options.ts');
  if (isStrategy(target)) return isOptions || isStrategy(file) || layer === 'index.ts';
  const allowed = [...(allowedImports[layer] ?? []), ...(isOptions ? (allowedInOptions[layer] ?? []) : [])];
  return layerOf(target) === layer || allowed.includes(target) || allowed.includes(layerOf(target));
}

/** Whether a file is a concrete strategy, not their contract. */
function isStrategy(file: string): boolean {
  return file.startsWith('server/strategies/') && file !== STRATEGY;
}

/** A file of its own at the top is a layer, as is a folder. */
function layerOf(file: string): string {
  const [first = ''] = file.split('/');
  return first;
}

function targetOf(file: string, specifier: string): string {
  return path.join(path.dirname(file), specifier).replace(/\.js$/, '.ts');
}

/** Every import cycle, once, starting at the file where it was found. */
function circles(graph: ReadonlyMap<string, readonly (string | undefined)[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) found.push(`${[...trail.slice(start), file].join(' -> ')} is a circle.`);
    if (start >= 0 || done.has(file)) return;
    for (const specifier of graph.get(file) ?? []) {
      if (specifier?.startsWith('.')) visit(targetOf(file, specifier), [...trail, file]);
    }
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}
