/**
 * The possible files of a lane, as far as its caller can know. An answered request excludes the worlds in which the
 * answer is impossible; a request without an answer that may have been done leaves two, and may still take
 * effect later, until its connection is closed. If no world remains, an answer was false.
 *
 * A file is the versions that it consists of, joined by `+`: the one that was uploaded, and those that were appended.
 */
import { contentText, sizeText } from './content.js';
import type { Step } from './plan.js';

/** An answer to a caller. */
export type Answer =
  | { readonly kind: 'done'; readonly value: string }
  | { readonly kind: 'failed'; readonly code: string; readonly outcomeUnknown: boolean };

/** A step with the version that it uploads. */
export interface Request {
  readonly step: Step;
  /** Names the bytes of an upload; no two uploads have the same. */
  readonly version: string;
}

interface World {
  readonly files: Readonly<Record<string, string>>;
  /** A request that may still take effect. */
  readonly late: readonly Request[];
}

/** In place of the versions of a file. */
export const DIRECTORY = '/';

/** Codes that say nothing of files: the request was not served to its end. */
const INTERRUPTIONS = ['ECANCELED', 'ETIMEDOUT', 'ECONNRESET', 'ECONNREFUSED', 'ESHUTDOWN'];

export class Worlds {
  #worlds: World[] = [{ files: {}, late: [] }];

  /** Applies an answer. False if it is possible in no world. */
  takes(request: Request, answer: Answer): boolean {
    // A file changes during an append only if something late changes it.
    const mayBeStale = this.#worlds.some(({ late }) => late.length > 0);
    const before = isStale(request, answer) && !mayBeStale ? [] : withLate(this.#worlds);
    this.#worlds = distinct(before.flatMap((world) => after(world, request, answer)));
    return this.#worlds.length > 0;
  }

  /** Whether these may be the files in the end, by what `contentText` says of each. */
  allows(files: Readonly<Record<string, string>>): boolean {
    return withLate(this.#worlds).some((world) => keyOf(contentsOf(world.files)) === keyOf(files));
  }

  /** For a message. */
  toString(): string {
    return this.#worlds.map(({ files, late }) => `${keyOf(files)} + ${late.length} late`).join(' or ');
  }
}

function after(world: World, request: Request, answer: Answer): World[] {
  const { value, files } = serve(world.files, request);
  const done: World = { files, late: world.late };
  if (answer.kind === 'done') return value === answer.value ? [done] : [];
  const interrupted = INTERRUPTIONS.includes(answer.code);
  if (isStale(request, answer)) return answer.outcomeUnknown ? [world, done] : [world];
  // Even after a retry, because a server knows its completed uploads: EEXIST is never caused by the request itself.
  if (!interrupted) return value === answer.code ? [world] : [];
  if (!answer.outcomeUnknown) return [world];
  return [{ files: world.files, late: [...world.late, request] }];
}

function isStale({ step }: Request, answer: Answer): boolean {
  return step.kind === 'append' && answer.kind === 'failed' && answer.code === 'ESTALE';
}

/** The answer of a server to a request, and its files afterwards. */
function serve(files: World['files'], { step, version }: Request): { value: string; files: World['files'] } {
  const at = 'name' in step ? files[step.name] : undefined;
  switch (step.kind) {
    case 'list':
      return { value: Object.keys(files).sort().join(' '), files };
    case 'upload':
      if (at !== undefined && !step.overwrite) return { value: 'EEXIST', files };
      return { value: version, files: { ...files, [step.name]: version } };
    case 'append': {
      if (at === undefined) return { value: 'ENOENT', files };
      const longer = `${at}+${version}`;
      return { value: sizeText(longer), files: { ...files, [step.name]: longer } };
    }
    case 'download':
      return { value: at === undefined ? 'ENOENT' : contentText(at), files };
    case 'stat':
      return { value: at === undefined ? 'ENOENT' : sizeText(at), files };
    case 'remove':
      return at === undefined
        ? { value: 'ENOENT', files }
        : { value: 'removed', files: without(files, step.name) };
    case 'mkdir':
      return at === undefined
        ? { value: 'made', files: { ...files, [step.name]: DIRECTORY } }
        : { value: 'EEXIST', files };
    case 'utimes':
      return { value: at === undefined ? 'ENOENT' : 'touched', files };
    case 'copy':
      if (at === undefined) return { value: 'ENOENT', files };
      if (files[step.to] !== undefined && !step.overwrite) return { value: 'EEXIST', files };
      return { value: sizeText(at), files: { ...files, [step.to]: at } };
    case 'rename':
      if (at === undefined) return { value: 'ENOENT', files };
      if (files[step.to] !== undefined && !step.overwrite) return { value: 'EEXIST', files };
      return { value: 'renamed', files: { ...without(files, step.name), [step.to]: at } };
  }
}

/** The worlds, and those in which some of the pending requests have taken effect. */
function withLate(worlds: readonly World[]): World[] {
  const all = [...worlds];
  for (const world of all) {
    for (const request of world.late) {
      const late = world.late.filter((other) => other !== request);
      all.push({ files: serve(world.files, request).files, late });
    }
  }
  return distinct(all);
}

function distinct(worlds: readonly World[]): World[] {
  const byKey = new Map(
    worlds.map((world) => [
      `${keyOf(world.files)} ${world.late.map(({ version }) => version).join()}`,
      world,
    ]),
  );
  return [...byKey.values()];
}

function without(files: World['files'], name: string): World['files'] {
  return Object.fromEntries(Object.entries(files).filter(([other]) => other !== name));
}

function contentsOf(files: World['files']): World['files'] {
  return Object.fromEntries(
    Object.entries(files).map(([name, versions]) => [
      name,
      versions === DIRECTORY ? DIRECTORY : contentText(versions),
    ]),
  );
}

function keyOf(files: World['files']): string {
  return Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, version]) => `${name}=${version}`)
    .join(',');
}
