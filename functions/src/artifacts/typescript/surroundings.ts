// Declares what a file takes from elsewhere, so that code which relies on it is judged as it would be in its project:
// everything imported is `any`, as a value and as a type. A class or interface that extends `any` has every member.
import ts from 'typescript';

// As many as any type of a library takes.
const typeParameters = 'A = any, B = any, C = any, D = any, E = any, F = any, G = any, H = any';

/** The text of a declaration file with an ambient module for whatever `file` imports. */
export const declareImports = (file: ts.SourceFile): string => {
  const names = new Set(file.statements.flatMap(namesFrom));
  const whole = new Set(file.statements.flatMap(wholeModules).concat(dynamicModules(file)));
  const exports = [...names].map((name) => `export const ${name}: any; export type ${name}<${typeParameters}> = any;`);
  return [
    `declare module '*' { const all: any; export default all; ${exports.join('\n')} }`,
    ...[...whole].map((specifier) => `declare module ${JSON.stringify(`${specifier}*`)};`),
  ].join('\n');
};

const namesFrom = (statement: ts.Statement): string[] => {
  if (ts.isImportDeclaration(statement)) return namesOf(statement.importClause?.namedBindings);
  if (ts.isExportDeclaration(statement) && statement.moduleSpecifier) return namesOf(statement.exportClause);
  return [];
};

const namesOf = (bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): string[] => {
  if (!bindings || ts.isNamespaceImport(bindings) || ts.isNamespaceExport(bindings)) return [];
  return bindings.elements
    .map(({ propertyName, name }) => propertyName ?? name)
    .filter((name): name is ts.Identifier => ts.isIdentifier(name) && name.text !== 'default')
    .map(({ text }) => text);
};

/** Modules that are imported as one object, or that the file itself adds to. */
const wholeModules = (statement: ts.Statement): string[] => {
  if (ts.isImportEqualsDeclaration(statement) && ts.isExternalModuleReference(statement.moduleReference)) {
    return literalOf(statement.moduleReference.expression);
  }
  if (ts.isModuleDeclaration(statement) && ts.isStringLiteral(statement.name)) return [statement.name.text];
  if (!ts.isImportDeclaration(statement)) return [];
  const bindings = statement.importClause?.namedBindings;
  return bindings && ts.isNamespaceImport(bindings) ? literalOf(statement.moduleSpecifier) : [];
};

const literalOf = (expression: ts.Expression): string[] =>
  ts.isStringLiteralLike(expression) ? [expression.text] : [];

const dynamicModules = (file: ts.SourceFile): string[] => {
  const mentioned = ts.preProcessFile(file.text, true, false).importedFiles.map(({ fileName }) => fileName);
  const declared = new Set(file.statements.flatMap(declaredModules));
  return mentioned.filter((specifier) => !declared.has(specifier));
};

const declaredModules = (statement: ts.Statement): string[] =>
  (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) && statement.moduleSpecifier
    ? literalOf(statement.moduleSpecifier)
    : [];
