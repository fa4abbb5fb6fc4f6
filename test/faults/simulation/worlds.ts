/**
 * What the files of a lane may be, as far as its caller can know. A request that was answered says in which of the
 * possible worlds it can have been; one that may have been done without an answer leaves two, and may still take
 * effect later, as long as what it was sent over is not closed. Where no world is left, an answer was a lie.
 *
 * A file is the versions that it consists of, joined by `+`: the one that was uploaded, and those that were appended.
 */
import { contentText, sizeText } from './content.js';
import type { Step } from './plan.js';

/** What a caller was told. */
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
  /** What may still happen. */
  readonly late: readonly Request[];
}

/** Codes that say nothing of files: the request was not served to its end. */
const INTERRUPTIONS = ['ECANCELED', 'ETIMEDOUT', 'ECONNRESET', 'ECONNREFUSED', 'ESHUTDOWN'];

export class Worlds {
  #worlds: World[] = [{ files: {}, late: [] }];

  /** Takes an answer in. False if there is no world in which it could have been given. */
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
  // Also where it was repeated, for a server knows what it has done: EEXIST is never because of the request itself.
  if (isStale(request, answer)) return answer.outcomeUnknown ? [world, done] : [world];
  if (!interrupted) return value === answer.code ? [world] : [];
  if (!answer.outcomeUnknown) return [world];
  return [{ files: world.files, late: [...world.late, request] }];
}

function isStale({ step }: Request, answer: Answer): boolean {
  return step.kind === 'append' && answer.kind === 'failed' && answer.code === 'ESTALE';
}

/** What a server says to a request, and its files afterwards. */
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
    case 'rename':
      if (at === undefined) return { value: 'ENOENT', files };
      if (files[step.to] !== undefined && !step.overwrite) return { value: 'EEXIST', files };
      return { value: 'renamed', files: { ...without(files, step.name), [step.to]: at } };
  }
}

/** The worlds, and those in which some of what may still happen has happened. */
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
  return Object.fromEntries(Object.entries(files).map(([name, versions]) => [name, contentText(versions)]));
}

function keyOf(files: World['files']): string {
  return Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, version]) => `${name}=${version}`)
    .join(',');
}
