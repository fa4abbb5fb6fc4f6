// @ts-check
/** Extends TypeDoc for the documentation site: pages by reader, and diagrams as SVG. */
import { Converter, IndexEvent, KindRouter, MarkdownEvent, PageEvent } from 'typedoc';
import { accessible } from './accessible.mjs';
import { withDiagrams } from './diagrams/with-diagrams.mjs';

import { groupOf, headingsOf, titleOf, urlOf } from './pages.mjs';

/** @import { Application, DocumentReflection, Reflection } from 'typedoc' */

/** Before TypeDoc's own listeners, which parse the Markdown and group the pages. */
const FIRST = 1000;
/** After them. */
const LAST = -1000;

/** As much as TypeDoc gives the name of a class or a method: a word in a heading is what its section is about. */
const HEADINGS_WEIGHT = 10;

/** The sources of documents, such as `docs/guides/tls`. @type {WeakMap<object, string>} */
const sources = new WeakMap();

class SiteRouter extends KindRouter {
  /** @override @param {Reflection} reflection */
  getIdealBaseName(reflection) {
    const source = sources.get(reflection);
    return source === undefined ? super.getIdealBaseName(reflection) : urlOf(source);
  }
}

/** Called by TypeDoc. @param {Application} app */
export function load({ converter, renderer }) {
  renderer.defineRouter('site', SiteRouter);
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => place(document), FIRST);
  converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => nameModules(project.groups), LAST);
  renderer.on(IndexEvent.PREPARE_INDEX, indexHeadings);
  renderer.on(MarkdownEvent.PARSE, (event) => (event.parsedText = withDiagrams(event.parsedText)), FIRST);
  renderer.on(PageEvent.END, (page) => (page.contents = accessible(page.contents ?? '')), LAST);
}

/** Gives a document the title of its heading, and the group of its reader. @param {DocumentReflection} document */
function place(document) {
  const source = document.name;
  sources.set(document, source);
  document.name = titleOf(textOf(document), source);
  document.frontmatter['group'] = groupOf(source);
}

/** @param {{ title: string }[] | undefined} groups */
function nameModules(groups = []) {
  for (const group of groups) if (group.title === 'Modules') group.title = 'API';
}

/** Lets the search find pages by their headings. @param {IndexEvent} index */
function indexHeadings(index) {
  index.searchFieldWeights['headings'] = HEADINGS_WEIGHT;
  for (const [number, reflection] of index.searchResults.entries()) {
    if (reflection.isDocument()) index.searchFields[number] = { headings: headingsOf(textOf(reflection)) };
  }
}

/** @param {DocumentReflection} document */
function textOf({ content }) {
  return content.map(({ text }) => text).join('');
}
