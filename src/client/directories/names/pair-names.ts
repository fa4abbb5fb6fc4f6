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

/** Pairs the entries of a source and a target directory. No name occurs twice in one of them. */
export async function pairNames<Entry extends Keyed>(
  source: readonly Entry[],
  target: readonly Entry[],
  folding: NameFolding,
): Promise<NamePair<Entry>[]> {
  const unpaired = new Map(target.map((entry) => [entry.key, entry]));
  const pairs: NamePair<Entry>[] = [];
  const left: Entry[] = [];
  for (const entry of source) {
    const equal = unpaired.get(entry.key);
    if (!equal) left.push(entry);
    else pairs.push({ source: entry, target: equal });
    unpaired.delete(entry.key);
  }
  if (left.length > 0) {
    const others = pairByForm(left, unpaired, pairs);
    await pairByCase(others, { target, unpaired, folding }, pairs);
  }
  return [...pairs, ...[...unpaired.values()].map((entry) => ({ target: entry }))];
}

/** Pairs names that only differ in their Unicode form, and returns the others. */
function pairByForm<Entry extends Keyed>(
  source: readonly Entry[],
  unpaired: Map<string, Entry>,
  pairs: NamePair<Entry>[],
): Entry[] {
  const forms = new Map<string, Entry>();
  for (const entry of unpaired.values()) {
    if (!ASCII.test(entry.key)) forms.set(entry.key.normalize('NFC'), entry);
  }
  return source.filter((entry) => {
    const form = ASCII.test(entry.key) ? entry.key : entry.key.normalize('NFC');
    const same = forms.get(form);
    if (!same) return true;
    forms.delete(form);
    unpaired.delete(same.key);
    pairs.push({ source: entry, target: same });
    return false;
  });
}

/** Pairs names that the target takes for one, and adds the others as they are. */
async function pairByCase<Entry extends Keyed>(
  source: readonly Entry[],
  {
    target,
    unpaired,
    folding,
  }: { target: readonly Entry[]; unpaired: Map<string, Entry>; folding: NameFolding },
  pairs: NamePair<Entry>[],
): Promise<void> {
  const listed = new Map(target.map((entry) => [foldName(entry.key), entry]));
  const taken = new Map<string, string>();
  for (const entry of source) {
    const folded = foldName(entry.key);
    const known = listed.get(folded);
    const earlier = taken.get(folded);
    if (known && (await folding.isSame(known.key, entry.key))) {
      const isFree = unpaired.delete(known.key);
      pairs.push(isFree ? { source: entry, target: known } : { source: entry, collidesWith: known.key });
    } else if (!known && earlier !== undefined && folding.isLikely) {
      pairs.push({ source: entry, collidesWith: earlier });
    } else {
      pairs.push({ source: entry });
    }
    taken.set(folded, entry.key);
  }
}

/** A form in which names are equal that a file system without regard to case takes for one. */
function foldName(name: string): string {
  // As `foldPath`, of which most names need only a part.
  if (ASCII.test(name)) return name.toLowerCase();
  return name.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}
