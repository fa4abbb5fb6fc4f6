/** The named exports of a source file, as the parser of TypeScript reads them. */
import ts from 'typescript';

/** The exported names of a file, and which of them are classes. */
export interface Exports {
  readonly names: readonly string[];
  readonly classes: readonly string[];
}

/** Every name that a file declares and exports; re-exports are left out. */
export function exportsOf(fileName: string, text: string): Exports {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest);
  const exported = source.statements.filter(isExported);
  return {
    names: exported.flatMap(namesOf),
    classes: exported.filter(ts.isClassDeclaration).flatMap(namesOf),
  };
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : [],
    );
  }
  const { name } = statement as ts.Statement & { name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}
