/** Where the links between documents lead. */
import path from 'node:path';
import { anchorsOf, linksOf } from './markdown.js';

/** The links that lead to no file, or to no heading of a document, as `document: link`. */
export function brokenLinks(
  documents: ReadonlyMap<string, string>,
  isThere: (name: string) => boolean,
): string[] {
  return [...documents].flatMap(([name, markdown]) => {
    const broken = linksOf(markdown).filter((link) => !leadsSomewhere({ documents, isThere }, name, link));
    return broken.map((link) => `${name}: ${link}`);
  });
}

interface Place {
  readonly documents: ReadonlyMap<string, string>;
  readonly isThere: (name: string) => boolean;
}

function leadsSomewhere({ documents, isThere }: Place, from: string, link: string): boolean {
  const [file = '', anchor] = decodeURI(link).split('#');
  const target = file === '' ? from : path.posix.join(path.posix.dirname(from), file);
  const markdown = documents.get(target);
  if (markdown === undefined) return isThere(target);
  return anchor === undefined || anchorsOf(markdown).includes(anchor);
}
