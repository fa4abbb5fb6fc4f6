// @ts-check
import path from 'node:path';

/**
 * The links of a built site that lead to no file, or to no element of a page, as `page: link`.
 * @param {ReadonlyMap<string, string>} site Its files by their addresses, with the text of each page.
 */
export function brokenLinks(site) {
  const pages = [...site].filter(([name]) => name.endsWith('.html'));
  const anchors = new Map([...site].map(([name, text]) => [name, anchorsOf(text)]));
  return pages.flatMap(([name, html]) => {
    const broken = [...linksOf(html)].filter((link) => !leadsSomewhere(site, anchors, { name, link }));
    return broken.map((link) => `${name}: ${link}`);
  });
}

/**
 * @param {ReadonlyMap<string, string>} site
 * @param {ReadonlyMap<string, ReadonlySet<string>>} anchors
 * @param {{ name: string, link: string }} place
 */
function leadsSomewhere(site, anchors, { name, link }) {
  const [file = '', anchor = ''] = decodeURI(link).split('#');
  const joined = file === '' ? name : path.posix.join(path.posix.dirname(name), file);
  const target = joined.endsWith('/') ? path.posix.join(joined, 'index.html') : joined;
  if (!site.has(target)) return false;
  return anchor === '' || anchors.get(target)?.has(decodeURIComponent(anchor)) === true;
}

/** The links and images of a page other than to other sites. @param {string} html */
function linksOf(html) {
  const targets = [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, target = '']) => unescaped(target));
  return new Set(targets.filter((target) => target !== '' && !/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(target)));
}

/** @param {string} text */
function anchorsOf(text) {
  return new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => unescaped(id)));
}

/** @param {string} text */
function unescaped(text) {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
