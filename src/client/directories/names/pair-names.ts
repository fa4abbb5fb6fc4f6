/**
 * Finds the entries of two directories that belong together.
 *
 *     equal names -> equal Unicode forms -> equal but for the case, if the target takes both names for one
 */

/** An entry by its name on the server. */
export interface Keyed {
  readonly key: string;
}

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

/** The pairs of a directory. They are made when they are taken, because a directory may have millions. */
export interface NamePairs<Entry extends Keyed> {
  /** Number of the pairs. */
  readonly count: number;
  /** The pairs in the order of their names, of which the source's is the first. Once: what was taken is no longer kept. */
  take(): Generator<NamePair<Entry>, undefined, undefined>;
}

/**
 * Pairs the entries of a source and a target directory. Both are in the order of their names, and no name occurs twice in one of
 * them. Both arrays belong to the pairs from then on.
 */
export async function pairNames<Entry extends Keyed>(
  source: Entry[],
  target: Entry[],
  folding: NameFolding,
): Promise<NamePairs<Entry>> {
  const found: Found<Entry> = { pairs: new Map(), targets: new Set() };
  const unpaired: Entry[] = [];
  for (const pair of merged(source, target)) if (pair.source && !pair.target) unpaired.push(pair.source);
  if (unpaired.length > 0 && (target.length > 0 || folding.isLikely)) {
    const free = new Map<string, Entry>();
    for (const pair of merged(source, target))
      if (!pair.source && pair.target) free.set(pair.target.key, pair.target);
    await pairByCase(pairByForm(unpaired, free, found), free, { target, found, folding });
  }
  let count = 0;
  for (const _ of pairsOf(merged(source, target), found)) count += 1;
  return { count, take: () => pairsOf(taken(source, target), found) };
}

/** What belongs together without an equal name: little, even of large directories. */
interface Found<Entry extends Keyed> {
  /** By the entries of the source. */
  readonly pairs: Map<Entry, NamePair<Entry>>;
  /** The entries of the target in them. */
  readonly targets: Set<Entry>;
}

/** Pairs equal names. */
function* merged<Entry extends Keyed>(
  source: readonly Entry[],
  target: readonly Entry[],
): Generator<NamePair<Entry>, undefined, undefined> {
  for (let one = 0, other = 0; ;) {
    const [ofSource, ofTarget] = [source[one], target[other]];
    if (!ofSource && !ofTarget) return undefined;
    const isSource = ofSource && (!ofTarget || ofSource.key <= ofTarget.key);
    const isTarget = ofTarget && (!ofSource || ofTarget.key <= ofSource.key);
    if (isSource) one += 1;
    if (isTarget) other += 1;
    yield isSource && isTarget
      ? { source: ofSource, target: ofTarget }
      : isSource
        ? { source: ofSource }
        : { target: ofTarget };
  }
}

/** The same, without keeping what was yielded. */
function* taken<Entry extends Keyed>(
  source: (Entry | undefined)[],
  target: (Entry | undefined)[],
): Generator<NamePair<Entry>, undefined, undefined> {
  let [one, other] = [0, 0];
  for (const pair of merged(source as Entry[], target as Entry[])) {
    if (pair.source) source[one++] = undefined;
    if (pair.target) target[other++] = undefined;
    yield pair;
  }
  return undefined;
}

function* pairsOf<Entry extends Keyed>(
  pairs: Iterable<NamePair<Entry>>,
  found: Found<Entry>,
): Generator<NamePair<Entry>, undefined, undefined> {
  for (const pair of pairs) {
    if (pair.source) yield found.pairs.get(pair.source) ?? pair;
    else if (pair.target && !found.targets.has(pair.target)) yield pair;
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
    found.targets.add(same);
    found.pairs.set(entry, { source: entry, target: same });
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
      if (isFree) found.targets.add(known);
      const pair = isFree ? { source: entry, target: known } : { source: entry, collidesWith: known.key };
      found.pairs.set(entry, pair);
    } else if (!known && earlier !== undefined) {
      found.pairs.set(entry, { source: entry, collidesWith: earlier });
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
