/**
 * Finds the entries of two directories that belong together.
 *
 *     equal names -> equal Unicode forms -> equal but for the case, if the target takes both names for one
 */
import type { Keyed, SortedEntries } from '../entries/sorted-entries.js';
import { inTurns } from '../scan/in-turns.js';
import { NameBits } from './name-bits.js';

/** Entries that belong together, or one that the other side lacks. */
export interface NamePair<Entry extends Keyed> {
  readonly source?: Entry | undefined;
  readonly target?: Entry | undefined;
  /** The name that makes it impossible to create that of `source` on the target. */
  readonly collidesWith?: string | undefined;
}

/** What the target does with names that differ by case or Unicode form. */
export interface NameFolding {
  /** Whether it takes a name for that of an entry that it has listed by another one. */
  isSame(listed: string, other: string): Promise<boolean>;
  /** Whether it is likely to take two new names for one. */
  readonly isLikely: boolean;
}

const ASCII = /^[\0-\x7f]*$/;

/**
 * Pairs the entries of a source and a target directory. The pairs are in the order of their names, of which the source's is the
 * first. They are made when they are iterated, once: what was taken from the entries is no longer kept.
 */
export async function pairNames<Entry extends Keyed>(
  source: SortedEntries<Entry>,
  target: SortedEntries<Entry>,
  folding: NameFolding,
): Promise<Iterable<NamePair<Entry>>> {
  const found = await foundPairs(source, target, folding);
  return pairsOf(merged(source.take(), target.take()), found);
}

/** What belongs together without an equal name: little, even of large directories. */
interface Found<Entry extends Keyed> {
  /** By the names of the source. */
  readonly pairs: Map<string, NamePair<Entry>>;
  /** The names of the target in them. */
  readonly targets: Set<string>;
}

async function foundPairs<Entry extends Keyed>(
  source: SortedEntries<Entry>,
  target: SortedEntries<Entry>,
  folding: NameFolding,
): Promise<Found<Entry>> {
  const found: Found<Entry> = { pairs: new Map(), targets: new Set() };
  const alike = await alikeNames(source, target, folding);
  if (alike.isEmpty) return found;
  const [unpaired, listed, free] = [[] as Entry[], [] as Entry[], new Map<string, Entry>()];
  await inTurns(merged(source, target), (pair) => {
    const { source: ofSource, target: ofTarget } = pair;
    if (ofSource && !ofTarget && alike.mayHave(foldName(ofSource.key))) unpaired.push(ofSource);
    if (!ofTarget || !alike.mayHave(foldName(ofTarget.key))) return;
    listed.push(ofTarget);
    if (!ofSource) free.set(ofTarget.key, ofTarget);
  });
  await pairByCase(pairByForm(unpaired, free, found), free, { target: listed, found, folding });
  return found;
}

/** The folded names of the source that have no equal one in the target, but perhaps another one that is the same when folded. */
async function alikeNames<Entry extends Keyed>(
  source: SortedEntries<Entry>,
  target: SortedEntries<Entry>,
  { isLikely }: NameFolding,
): Promise<NameBits> {
  const alike = new NameBits(source.length);
  if (source.length === 0 || (target.length === 0 && !isLikely)) return alike;
  let hasUnpaired = false;
  await inTurns(merged(source, target), (pair) => (hasUnpaired ||= !pair.target));
  if (!hasUnpaired) return alike;
  const listed = new NameBits(target.length);
  await inTurns(target, ({ key }) => listed.add(foldName(key)));
  const fresh = new NameBits(source.length);
  await inTurns(merged(source, target), (pair) => {
    if (!pair.source || pair.target) return;
    const folded = foldName(pair.source.key);
    if (listed.mayHave(folded) || (isLikely && fresh.mayHave(folded))) alike.add(folded);
    fresh.add(folded);
  });
  return alike;
}

/** Pairs equal names. */
function* merged<Entry extends Keyed>(
  source: Iterable<Entry>,
  target: Iterable<Entry>,
): Generator<NamePair<Entry>, undefined, undefined> {
  const [sources, targets] = [source[Symbol.iterator](), target[Symbol.iterator]()];
  let [ofSource, ofTarget] = [next(sources), next(targets)];
  while (ofSource || ofTarget) {
    const isSource = ofSource && (!ofTarget || ofSource.key <= ofTarget.key);
    const isTarget = ofTarget && (!ofSource || ofTarget.key <= ofSource.key);
    yield isSource && isTarget
      ? { source: ofSource, target: ofTarget }
      : isSource
        ? { source: ofSource }
        : { target: ofTarget };
    if (isSource) ofSource = next(sources);
    if (isTarget) ofTarget = next(targets);
  }
  return undefined;
}

function next<Entry>(entries: Iterator<Entry>): Entry | undefined {
  const result = entries.next();
  return result.done === true ? undefined : result.value;
}

function* pairsOf<Entry extends Keyed>(
  pairs: Iterable<NamePair<Entry>>,
  found: Found<Entry>,
): Generator<NamePair<Entry>, undefined, undefined> {
  for (const pair of pairs) {
    if (pair.source) yield found.pairs.get(pair.source.key) ?? pair;
    else if (pair.target && !found.targets.has(pair.target.key)) yield pair;
  }
  return undefined;
}

/** Pairs names that only differ in their Unicode form, and returns the others. */
function pairByForm<Entry extends Keyed>(
  source: readonly Entry[],
  free: Map<string, Entry>,
  found: Found<Entry>,
): readonly Entry[] {
  const forms = new Map<string, Entry>();
  for (const entry of free.values()) {
    if (!ASCII.test(entry.key)) forms.set(entry.key.normalize('NFC'), entry);
  }
  if (forms.size === 0) return source;
  return source.filter((entry) => {
    const form = ASCII.test(entry.key) ? entry.key : entry.key.normalize('NFC');
    const same = forms.get(form);
    if (!same) return true;
    forms.delete(form);
    free.delete(same.key);
    found.targets.add(same.key);
    found.pairs.set(entry.key, { source: entry, target: same });
    return false;
  });
}

/** Pairs names that the target takes for one. */
async function pairByCase<Entry extends Keyed>(
  source: readonly Entry[],
  free: Map<string, Entry>,
  { target, found, folding }: { target: readonly Entry[]; found: Found<Entry>; folding: NameFolding },
): Promise<void> {
  const listed = new Map(target.map((entry) => [foldName(entry.key), entry]));
  const taken = new Map<string, string>();
  for (const entry of source) {
    const folded = foldName(entry.key);
    const known = listed.get(folded);
    const earlier = taken.get(folded);
    if (known && (await folding.isSame(known.key, entry.key))) {
      const isFree = free.delete(known.key);
      if (isFree) found.targets.add(known.key);
      const pair = isFree ? { source: entry, target: known } : { source: entry, collidesWith: known.key };
      found.pairs.set(entry.key, pair);
    } else if (!known && earlier !== undefined) {
      found.pairs.set(entry.key, { source: entry, collidesWith: earlier });
    }
    if (folding.isLikely) taken.set(folded, entry.key);
  }
}

/** A form in which names are equal that a file system without regard to case takes for one. */
function foldName(name: string): string {
  // As `foldPath`, of which most names need only a part.
  if (ASCII.test(name)) return name.toLowerCase();
  return name.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}
