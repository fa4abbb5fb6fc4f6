// @ts-check
/** What the theme leaves out for keyboards and for assistive technology. */

/** Columns from which a table may be wider than a narrow screen, so that it scrolls and takes the focus. */
const WIDE_COLUMNS = 3;

/** The same page with landmarks, and with tables that a keyboard can scroll. @param {string} html */
export function accessible(html) {
  return html
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replace('<div class="col-sidebar">', '<div class="col-sidebar" role="complementary" aria-label="Pages">')
    .replaceAll(/<table>(?=\s*<thead>\s*<tr>([\s\S]*?)<\/tr>)/g, (table, /** @type {string} */ head) =>
      head.split('<th').length - 1 < WIDE_COLUMNS ? table : '<table tabindex="0">',
    );
}
