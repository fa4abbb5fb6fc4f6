// @ts-check
/** What the theme leaves out for keyboards and for assistive technology. */

/** Columns from which a table may be wider than a narrow screen, so that it scrolls and takes the focus. */
const WIDE_COLUMNS = 3;

/** The link of a heading to itself. In the button of a section it could not be reached apart from the button. */
const permalink = /<a href="#[^"]*" aria-label="Permalink"[^>]*>.*?<\/a>/gs;

/**
 * The same page with landmarks, headings of the next level, no links in buttons, and tables that a keyboard can scroll.
 * @param {string} html
 */
export function accessible(html) {
  return html
    .replaceAll(/<summary.*?<\/summary>/gs, (summary) => summary.replaceAll(permalink, ''))
    .replace(/^.*?<h[23]\b/s, (top) => top.replaceAll('<h4 ', '<h4 aria-level="2" '))
    .replace('<div class="col-content">', '<div class="col-content" role="main">')
    .replace('<div class="col-sidebar">', '<div class="col-sidebar" role="complementary" aria-label="Pages">')
    .replaceAll(/<table>(?=\s*<thead>\s*<tr>([\s\S]*?)<\/tr>)/g, (table, /** @type {string} */ head) =>
      head.split('<th').length - 1 < WIDE_COLUMNS ? table : '<table tabindex="0">',
    );
}
