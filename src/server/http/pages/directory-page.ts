/** The parts of the page of a directory, as text. */
import type { FileEntry } from '../../../protocol/entry.js';
import { REMOTE_ROOT, splitPath, type RemotePath } from '../../../protocol/remote-path.js';
import { urlOf } from '../requests/request-target.js';
import { escapeHtml } from './escape-html.js';
import { sortKeys, sortText, type SortKey, type SortOrder } from './sort-order.js';

const TITLES: Readonly<Record<SortKey, string>> = { name: 'Name', size: 'Size', time: 'Modified (UTC)' };

/** What is above the rows: the way to the directory, and the heads of the columns. */
export function directoryPageTop(path: RemotePath, order: SortOrder): string {
  const parent = splitPath(path).directory;
  const up = path === REMOTE_ROOT ? '' : `<a href="${urlOf(parent, true)}">Up one level</a> &nbsp; `;
  return (
    `<main><nav aria-label="Path"><h1>${crumbs(path)}</h1></nav>` +
    `<p>${up}<a href="?archive=tar" download>Download all as .tar</a></p>` +
    `<table><thead><tr>${sortKeys.map((key) => columnHead(key, order)).join('')}</tr></thead><tbody>`
  );
}

/** The row of a file or directory. */
export function directoryPageRow({ path, kind, size, mtime }: FileEntry): string {
  const { name } = splitPath(path);
  const isDirectory = kind === 'directory';
  const slash = isDirectory ? '/' : '';
  const shown = isDirectory ? '' : `<span title="${size} bytes">${sizeText(size)}</span>`;
  return (
    `<tr><td><a href="${encodeURIComponent(name)}${slash}"><bdi>${escapeHtml(name)}</bdi>${slash}</a></td>` +
    `<td>${shown}</td><td>${timeElement(mtime)}</td></tr>\n`
  );
}

/** What is below the rows. */
export function directoryPageBottom({ count, isSorted }: { count: number; isSorted: boolean }): string {
  const unsorted = isSorted ? '' : ' Too many to be sorted.';
  const text =
    count === 0 ? 'This directory is empty.' : `${count} ${count === 1 ? 'entry' : 'entries'}.${unsorted}`;
  return `</tbody></table><p class="soft">${text}</p>`;
}

/** The form for uploads. The field `overwrite` comes first, because it decides about the files behind it. */
export const UPLOAD_FORM =
  '<form method="post" enctype="multipart/form-data">' +
  '<p><strong>Upload files</strong>, or drop them on this page.</p>' +
  '<p><label><input type="checkbox" name="overwrite" value="yes"> Replace files that exist</label></p>' +
  '<p><input type="file" name="file" multiple required aria-label="Files"> <button>Upload</button></p>' +
  '<ul aria-live="polite"></ul></form>';

function crumbs(path: RemotePath): string {
  const root = '<a href="/">Files</a>';
  if (path === REMOTE_ROOT) return 'Files';
  const names = path.split('/');
  const last = names.length - 1;
  const links = names.map((name, index) => {
    const url = urlOf(names.slice(0, index + 1).join('/') as RemotePath, true);
    const shown = `<bdi>${escapeHtml(name)}</bdi>`;
    return index === last ? shown : `<a href="${url}">${shown}</a>`;
  });
  return [root, ...links].join('<i>/</i>');
}

function columnHead(key: SortKey, order: SortOrder): string {
  const isCurrent = order.key === key;
  const next = sortText({ key, isDescending: isCurrent && !order.isDescending });
  const direction = order.isDescending ? 'descending' : 'ascending';
  const arrow = order.isDescending ? ' \u2193' : ' \u2191';
  return (
    `<th scope="col"${isCurrent ? ` aria-sort="${direction}"` : ''}>` +
    `<a href="?sort=${next}">${TITLES[key]}${isCurrent ? arrow : ''}</a></th>`
  );
}

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1023.95 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

function timeElement(time: Date): string {
  const text = time.toISOString();
  return `<time datetime="${text}">${text.slice(0, -8).replace('T', ' ')}</time>`;
}
