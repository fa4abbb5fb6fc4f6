/** As much of Markdown as the tests of the documents need: fences, links and headings. */

/** A block of code. */
export interface Fence {
  /** The document, relative to the repository. */
  readonly document: string;
  /** The line of the document that the first line of code is on, counted from 1. */
  readonly line: number;
  /** The first word after the backticks. */
  readonly language: string;
  readonly code: string;
}

/** The blocks of code of a document. */
export function fencesOf(document: string, markdown: string): Fence[] {
  return [...blocksOf(markdown)].flatMap(({ line, language, lines }) =>
    language === undefined ? [] : [{ document, line, language, code: lines.join('\n') }],
  );
}

/** Where the links and images of a document lead, other than to other sites. */
export function linksOf(markdown: string): string[] {
  const text = proseOf(markdown).replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
  const inline = /\]\(\s*<?([^)>\s]+)>?[^)]*\)/g;
  const reference = /^ {0,3}\[[^\]]+\]:\s*<?([^>\s]+)/gm;
  const html = /\b(?:href|src)="([^"]+)"/g;
  const targets = [inline, reference, html].flatMap((form) =>
    [...text.matchAll(form)].map((match) => match[1] ?? ''),
  );
  return targets.filter((target) => !/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target));
}

/** The names by which the headings of a document can be linked to. */
export function anchorsOf(markdown: string): string[] {
  const seen = new Map<string, number>();
  return [...proseOf(markdown).matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*$/gm)].map((match) => {
    const slug = slugOf(match[1] ?? '');
    const earlier = seen.get(slug) ?? 0;
    seen.set(slug, earlier + 1);
    return earlier === 0 ? slug : `${slug}-${earlier}`;
  });
}

function slugOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
  return text.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
}

function proseOf(markdown: string): string {
  const prose = [...blocksOf(markdown)].filter((block) => block.language === undefined);
  return prose.flatMap((block) => block.lines).join('\n');
}

interface Block {
  /** The first line, counted from 1. */
  line: number;
  /** Undefined for prose. */
  language: string | undefined;
  lines: string[];
}

/** The document cut at the lines that open and close a fence. */
function* blocksOf(markdown: string): Generator<Block> {
  let fence = '';
  let block: Block = { line: 1, language: undefined, lines: [] };
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, marker = '', info = ''] = /^\s*(`{3,}|~{3,})\s*([^`]*)$/.exec(text) ?? [];
    const opens = fence === '' && marker !== '';
    const closes = fence !== '' && marker.startsWith(fence) && info === '';
    if (opens || closes) {
      yield block;
      fence = opens ? marker : '';
      block = { line: index + 2, language: opens ? (info.split(/\s/)[0] ?? '') : undefined, lines: [] };
    } else {
      block.lines.push(text);
    }
  }
  yield block;
}
