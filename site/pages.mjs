// @ts-check
/** Where each document stands on the site. A source is the path of a document without `.md`. */

/** The groups of the navigation by reader; the first form that fits decides. @type {[group: string, form: RegExp][]} */
const groups = [
  ['Guides', /^docs\/guides\//],
  ['Concepts', /^docs\/concepts\//],
  ['Reference', /^(?:docs\/reference\/|docs\/protocol$|docs\/performance$)/],
  ['Start', /^(?:docs\/[^/]+|examples\/README)$/],
  ['Project', /^[^/]+$/],
];

/** @param {string} source */
export function groupOf(source) {
  const [group] = groups.find(([, form]) => form.test(source)) ?? [];
  if (group === undefined) throw new Error(`The site has no group for ${source}.md.`);
  return group;
}

/** The address of a page, without `.html`: `guides/tls` for `docs/guides/tls`. @param {string} source */
export function urlOf(source) {
  const [, folder] = /^(.+)\/README$/.exec(source) ?? [];
  if (folder === 'docs') return 'overview';
  return (folder ?? source.replace(/^docs\//, '')).toLowerCase();
}

/** The first heading. @param {string} markdown @param {string} source */
export function titleOf(markdown, source) {
  const [, title] = /^# (.+)$/m.exec(markdown) ?? [];
  if (title === undefined) throw new Error(`${source}.md has no title.`);
  return title.replaceAll('`', '');
}

/** The words of all headings, for the search: a plural also as a singular. @param {string} markdown */
export function headingsOf(markdown) {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const words = [...prose.matchAll(/^#+ (.+)$/gm)].flatMap(([, heading = '']) => heading.match(/\w+/g) ?? []);
  return words.flatMap((word) => (/[^s]s$/.test(word) ? [word, word.slice(0, -1)] : [word])).join(' ');
}
