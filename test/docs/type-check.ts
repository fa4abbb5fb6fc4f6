/** Compiles the code of documents against the sources, all of it in one program. */
import path from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../support/repository.js';
import type { Fence } from './markdown.js';
import { prelude } from './prelude.js';

/** The languages that the compiler checks. */
const LANGUAGES = ['ts', 'js'];

/** What the compiler has against blocks of code, as `document:line: message`. */
export function typeErrors(fences: readonly Fence[]): string[] {
  const modules = new Map(
    fences.filter(({ language }) => LANGUAGES.includes(language)).map((fence) => [fileNameOf(fence), fence]),
  );
  const program = compile(modules);
  return [...modules].flatMap(([fileName, fence]) => {
    const source = program.getSourceFile(fileName);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map((diagnostic) => inDocument(fence, diagnostic));
  });
}

/** In the repository's root, so that the module is resolved as the project's own are. */
function fileNameOf({ document, line, language }: Fence): string {
  return path
    .join(repositoryRoot, `${document.replaceAll('/', '-')}-${line}.${language}`)
    .replaceAll('\\', '/');
}

function compile(modules: ReadonlyMap<string, Fence>): ts.Program {
  const { config } = ts.readConfigFile(path.join(repositoryRoot, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: [] },
    ts.sys,
    repositoryRoot,
  );
  // A block shows one thing: it may declare what only the next one uses.
  const relaxed = { ...options, checkJs: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(relaxed);
  const { fileExists, getSourceFile } = host;
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.getSourceFile = (name, language, ...rest) => {
    const fence = modules.get(name);
    return fence ? moduleOf(name, fence, language) : getSourceFile(name, language, ...rest);
  };
  return ts.createProgram({ rootNames: [...modules.keys()], options: relaxed, host });
}

/** The block as a module. What it takes for granted shares its first line, so that lines stay what they are. */
function moduleOf(
  name: string,
  { code }: Fence,
  language: ts.ScriptTarget | ts.CreateSourceFileOptions,
): ts.SourceFile {
  const own = ts.createSourceFile(name, code, language, true);
  const { declared, used } = namesOf(own);
  const missing = Object.keys(prelude).filter((word) => used.has(word) && !declared.has(word));
  const added = missing.map((word) => asLanguage(name, prelude[word] ?? ''));
  return ts.createSourceFile(name, `${added.join(' ')} ${code}\nexport {};`, language, true);
}

/** Plain JavaScript has no `declare`; a comment says the same to the compiler. */
function asLanguage(name: string, declaration: string): string {
  if (!name.endsWith('.js')) return declaration;
  return declaration.replace(
    /^declare const (\w+): (.*);$/,
    'const $1 = /** @type {$2} */ (/** @type {unknown} */ (0));',
  );
}

function namesOf(source: ts.SourceFile): { declared: Set<string>; used: Set<string> } {
  const declared = new Set<string>();
  const used = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) (declares(node) ? declared : used).add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { declared, used };
}

function declares(name: ts.Identifier): boolean {
  const { parent } = name;
  const isDeclaration =
    ts.isVariableDeclaration(parent) ||
    ts.isBindingElement(parent) ||
    ts.isParameter(parent) ||
    ts.isImportClause(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isNamespaceImport(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isInterfaceDeclaration(parent);
  return isDeclaration && parent.name === name;
}

function inDocument({ document, line }: Fence, { file, start, messageText }: ts.Diagnostic): string {
  const offset = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : 0;
  return `${document}:${line + offset}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}
