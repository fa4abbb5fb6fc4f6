import { describe, expect, it } from 'vitest';
import { escapeHtml } from '../../../src/server/http/pages/escape-html.js';

describe('a text in a page', () => {
  it.each(['می\u200cخواهم.txt', '👨\u200d👩\u200d👧 family', 'क्\u200dष'])(
    'keeps what its script needs: %j',
    (name) => {
      expect(escapeHtml(name)).toBe(name);
    },
  );

  it.each([
    ['a\u200d.txt', 'a\ufffd.txt'],
    ['\u200cpassword', '\ufffdpassword'],
    ['a\u200bb', 'a\ufffdb'],
    ['م\u200f\u202ecod.exe', 'م\ufffd\ufffdcod.exe'],
    ['a\u0007\u2028', 'a\ufffd\ufffd'],
  ])('shows in %j what would not be seen', (name, shown) => {
    expect(escapeHtml(name)).toBe(shown);
  });

  it('is no markup', () => {
    expect(escapeHtml(`<a href="'&">`)).toBe('&lt;a href=&quot;&#39;&amp;&quot;&gt;');
  });
});
