import { describe, expect, it } from 'vitest';
import { accessible } from '../../site/accessible.mjs';

describe('accessible', () => {
  it('names the content and the sidebar of a page', () => {
    const page = '<div class="col-content"><p>Text</p></div><div class="col-sidebar"></div>';
    expect(accessible(page)).toBe(
      '<div class="col-content" role="main"><p>Text</p></div>' +
        '<div class="col-sidebar" role="complementary" aria-label="Pages"></div>',
    );
  });

  it('lets the keyboard scroll tables of three columns and more', () => {
    const tableOf = (columns: number, attributes = '') =>
      `<table${attributes}>\n<thead>\n<tr>${'<th>a</th>'.repeat(columns)}</tr>\n</thead>\n</table>`;
    expect(accessible(tableOf(2) + tableOf(3))).toBe(tableOf(2) + tableOf(3, ' tabindex="0"'));
  });

  it('leaves a page without content as it is', () => {
    expect(accessible('<p>Moved</p>')).toBe('<p>Moved</p>');
  });
});
