// @ts-check
/** Extends TypeDoc for the documentation site: pages by reader, and diagrams as SVG. */
import { Converter, KindRouter, MarkdownEvent, PageEvent } from 'typedoc';
import { accessible } from './accessible.mjs';
import { withDiagrams } from './diagrams/with-diagrams.mjs';

import { groupOf, titleOf, urlOf } from './pages.mjs';

/** @import { Application, DocumentReflection, Reflection } from 'typedoc' */

/** Before TypeDoc's own listeners, which parse the Markdown and group the pages. */
const FIRST = 1000;
/** After them. */
const LAST = -1000;

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
  renderer.on(MarkdownEvent.PARSE, (event) => (event.parsedText = withDiagrams(event.parsedText)), FIRST);
  renderer.on(PageEvent.END, (page) => (page.contents = accessible(page.contents ?? '')), LAST);
}

/** Gives a document the title of its heading, and the group of its reader. @param {DocumentReflection} document */
function place(document) {
  const source = document.name;
  sources.set(document, source);
  document.name = titleOf(document.content.map(({ text }) => text).join(''), source);
  document.frontmatter['group'] = groupOf(source);
}

/** @param {{ title: string }[] | undefined} groups */
function nameModules(groups = []) {
  for (const group of groups) if (group.title === 'Modules') group.title = 'API';
}
