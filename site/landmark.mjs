// @ts-check
/** @file Marks the content of a page for assistive technology; the theme has only `div`s. */

const OPENING = '<div class="col-content">';
/** What follows the content in a page of the theme. */
const SIDEBAR = '<div class="col-sidebar">';

/** The same page with its content in a `main`. @param {string} html */
export function withLandmark(html) {
  const start = html.indexOf(OPENING);
  const sidebar = html.indexOf(SIDEBAR);
  const end = html.lastIndexOf('</div>', sidebar);
  if (start < 0 || end < start) return html;
  const content = html.slice(start + OPENING.length, end);
  return `${html.slice(0, start)}<main class="col-content">${content}</main>${html.slice(end + '</div>'.length)}`;
}
