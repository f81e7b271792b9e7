// Type-checks one file that stands alone: in memory, with the language's own library and nothing else. Nothing is emitted
// or executed, and the compiler's host shows it no file but the library's.
import path from 'node:path';
import ts from 'typescript';
import { declareImports } from './surroundings.ts';

/** One error of the compiler, at an offset into the source. */
export interface CompileError {
  readonly at: number;
  readonly message: string;
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ['lib.es2024.d.ts', 'lib.esnext.disposable.d.ts'],
  // Whether the file becomes an ES module or CommonJS is decided by a project that is not here.
  module: ts.ModuleKind.Preserve,
  moduleDetection: ts.ModuleDetectionKind.Force,
  noResolve: true,
  noEmit: true,
  types: [],
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  strict: true,
  // A callback given to a function of an unknown module gets no parameter types; in its project it would.
  noImplicitAny: false,
  noImplicitThis: false,
};

const artifactFile = '/artifact.ts';
const importsFile = '/imports.d.ts';
const runtimeFile = '/runtime.d.ts';

// What of the runtime the language's library lacks, as far as leaving it out would change how other code is judged: calls
// that end or narrow the flow, and members of types that do exist.
const runtime = `
declare const process: { exit(code?: number | string | null): never; abort(): never; [name: string]: any };
interface ImportMeta { [name: string]: any }
interface ErrorConstructor { captureStackTrace(target: object, above?: Function): void; stackTraceLimit: number }
${['assert', 'assert/strict', 'node:assert', 'node:assert/strict'].map(assertModule).join('\n')}
`;

function assertModule(name: string): string {
  return `declare module '${name}' {
    function assert(value: unknown, message?: string | Error): asserts value;
    namespace assert {
      function ok(value: unknown, message?: string | Error): asserts value;
      function fail(message?: string | Error): never;
      function equal(actual: unknown, expected: unknown, message?: string | Error): void;
      function strictEqual<T>(actual: unknown, expected: T, message?: string | Error): asserts actual is T;
      function deepStrictEqual<T>(actual: unknown, expected: T, message?: string | Error): asserts actual is T;
      const strict: typeof assert;
      const AssertionError: any, deepEqual: any, notEqual: any, notStrictEqual: any, notDeepStrictEqual: any;
      const throws: any, doesNotThrow: any, rejects: any, doesNotReject: any, match: any, doesNotMatch: any, ifError: any;
    }
    export = assert;
  }`;
}

// Errors that say only that something stands outside the file. In its project it may well be there.
const unknowable = new Set([
  // Names without a declaration: globals of the runtime, of a test runner, of ambient types.
  2304, 2503, 2552, 2580, 2581, 2582, 2584, 2591, 2592, 2593, 2867, 2868, 18004,
  // Modules that cannot be found, by augmentation or reference.
  2664, 2671, 2688, 6053,
  // Types within an imported name, and modules imported whole that are used as a type: `admin.firestore.Timestamp`.
  2694, 2702, 2709, 2713,
  // Names and members of a newer language library than ours.
  2550, 2583,
  // An `override` in a class whose base class is imported, or a global of the runtime.
  4112, 4113,
]);

const wrongArgumentCount = 2554;

/** All errors that the source has whatever surrounds it; only those of syntax when there are any. */
export const compile = (source: string): CompileError[] => {
  const artifact = ts.createSourceFile(artifactFile, source, ts.ScriptTarget.ES2024, true);
  const program = ts.createProgram([runtimeFile, importsFile, artifactFile], options, hostOf(artifact));
  const syntax = program.getSyntacticDiagnostics(artifact);
  const found = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(artifact);
  return found
    .filter(({ category, code }) => category === ts.DiagnosticCategory.Error && !unknowable.has(code))
    .filter((diagnostic) => !isInheritedConstructor(diagnostic, program))
    .map(({ start, messageText, code }) => ({
      at: start ?? 0,
      message: `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    }));
};

// A class without a constructor takes its base class's arguments; of an imported base class the compiler assumes none.
const isInheritedConstructor = ({ code, start }: ts.Diagnostic, program: ts.Program): boolean => {
  const file = program.getSourceFile(artifactFile);
  if (code !== wrongArgumentCount || !file || start === undefined) return false;
  const checker = program.getTypeChecker();
  const created = enclosing(file, start).findLast(ts.isNewExpression);
  const declarations = created && checker.getTypeAtLocation(created).getSymbol()?.getDeclarations();
  return (declarations ?? []).filter(ts.isClassLike).some((declaration) => {
    const extended = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    return extended !== undefined && (checker.getTypeAtLocation(extended.expression).flags & ts.TypeFlags.Any) !== 0;
  });
};

/** The nodes around an offset, outermost first. */
const enclosing = (file: ts.SourceFile, offset: number): ts.Node[] => {
  const path: ts.Node[] = [];
  const inner = (node: ts.Node) => (node.pos <= offset && offset < node.end ? node : undefined);
  for (let node: ts.Node | undefined = file; node; node = ts.forEachChild(node, inner)) path.push(node);
  return path;
};

const libraryDirectory = path.dirname(ts.getDefaultLibFilePath(options));
const parsedLibrary = new Map<string, ts.SourceFile | undefined>();

// Parsed and bound once, used by every check.
const libraryFile = (name: string): ts.SourceFile | undefined => {
  if (!parsedLibrary.has(name)) {
    const text = name === runtimeFile ? runtime : ts.sys.readFile(name);
    const parsed = text === undefined ? undefined : ts.createSourceFile(name, text, ts.ScriptTarget.ES2024);
    parsedLibrary.set(name, parsed);
  }
  return parsedLibrary.get(name);
};

const isLibraryFile = (name: string) => name === runtimeFile || path.dirname(name) === libraryDirectory;

const hostOf = (artifact: ts.SourceFile): ts.CompilerHost => ({
  getSourceFile: (name) => {
    if (name === artifactFile) return artifact;
    if (name === importsFile) return ts.createSourceFile(name, declareImports(artifact), ts.ScriptTarget.ES2024);
    return isLibraryFile(name) ? libraryFile(name) : undefined;
  },
  getDefaultLibFileName: (of) => path.join(libraryDirectory, ts.getDefaultLibFileName(of)),
  getDefaultLibLocation: () => libraryDirectory,
  fileExists: () => false,
  readFile: () => undefined,
  writeFile: () => undefined,
  getCurrentDirectory: () => '/',
  getCanonicalFileName: (name) => name,
  useCaseSensitiveFileNames: () => true,
  getNewLine: () => '\n',
});
