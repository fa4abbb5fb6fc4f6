/** The tables of documents. */

/** A row of a table: its cells by the titles of their columns, without backticks. */
export type Row = Readonly<Record<string, string>>;

/** The rows of the first table of a document that has these titles. Throws if there is none. */
export function tableOf(markdown: string, titles: readonly string[]): Row[] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => cellsOf(line).join('|') === titles.join('|'));
  if (start < 0) throw new Error(`There is no table of ${titles.join(', ')}.`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end < 0 ? rest.length : end).map((line) => rowOf(titles, cellsOf(line)));
}

function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return [];
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('`', ''));
}

function rowOf(titles: readonly string[], cells: readonly string[]): Row {
  return Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? '']));
}

/** The words of a cell. */
export function wordsOf(cell: string | undefined): string[] {
  return (cell ?? '').split(/[\s,]+/).filter((word) => word !== '');
}
