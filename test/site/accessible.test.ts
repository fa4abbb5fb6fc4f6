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

  it('has no link in the button of a section', () => {
    const link = '<a href="#methods" aria-label="Permalink" class="icon"><svg></svg></a>';
    const page = `<summary><h2 id="methods">Methods${link}</h2></summary><h3>list${link}</h3>`;
    expect(accessible(page)).toBe(`<summary><h2 id="methods">Methods</h2></summary><h3>list${link}</h3>`);
  });

  it('gives the first headings below the title the next level', () => {
    const page =
      '<h1>Class</h1><h4 id="example">Example</h4><h2>Methods</h2><h3>list</h3><h4 id="a">Returns</h4>';
    expect(accessible(page)).toBe(page.replace('<h4 id="example"', '<h4 aria-level="2" id="example"'));
  });

  it('leaves a page without content as it is', () => {
    expect(accessible('<p>Moved</p>')).toBe('<p>Moved</p>');
  });
});
