import { describe, expect, it } from 'vitest';
import { brokenLinks } from '../../site/broken-links.mjs';

describe('brokenLinks', () => {
  it('finds links to missing pages, anchors and pictures', () => {
    const site = new Map([
      ['index.html', '<a href="guides/tls.html#a%20b"><a href="#none"><img src="media/no.svg"><a href="">'],
      [
        'guides/tls.html',
        '<h2 id="a b"><a href="../index.html"><a href="../tls.md"><a href="../a.svg#icon">',
      ],
      ['a.svg', '<symbol id="icon">'],
      ['b.html', '<a href="./#none"><a href="./"><a href="guides/">'],
    ]);
    expect(brokenLinks(site)).toEqual([
      'index.html: #none',
      'index.html: media/no.svg',
      'guides/tls.html: ../tls.md',
      'b.html: ./#none',
      'b.html: guides/',
    ]);
  });

  it('ignores links to other sites', () => {
    const html = '<a href="https://example.org/x"><a href="//example.org"><a href="mailto:a@example.org">';
    expect(brokenLinks(new Map([['index.html', html]]))).toEqual([]);
  });
});
