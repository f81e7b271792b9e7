// The architecture as rules: `depcruise functions/src local/src proof bench examples`. Each comment says what a violation means.

/** Which domain may call which, through its index.ts; everything else goes by event. */
const domains = {
  coordination: ['agents', 'artifacts', 'communication', 'governance', 'llm', 'scratchpads'],
  scheduling: ['coordination'],
  agents: ['llm', 'artifacts'],
  artifacts: [],
  communication: [],
  governance: ['communication'],
  llm: [],
  scratchpads: [],
};

const tests = String.raw`(\.(test|contract)\.ts$|/(testing|fixtures)/|/test-[^/]+\.ts$)`;
const npm = (...packages) => packages.map((name) => `^node_modules/${name}/`);
/** Modules that import a heavy package statically because they are themselves loaded on first use, here in a process of its own. */
const loadedOnFirstUse = [String.raw`^functions/src/artifacts/typescript/(compile|surroundings)\.ts$`];
const llmSdks = npm('@anthropic-ai/sdk', 'openai', '@google/genai');

const functionsEntries = [String.raw`^functions/src/(index|client)\.ts$`];
const localEntries = [
  String.raw`^local/src/(start|seed)\.ts$`,
  '^local/src/demo/',
  String.raw`^local/src/functions/(shared-instance|tell-port|follow-suite)\.ts$`,
];

const domainEdges = Object.entries(domains).map(([domain, allowed]) => ({
  name: `${domain}-calls-only-its-edges`,
  comment: `${domain} may call ${allowed.join(', ') || 'no other domain'}: a new edge is a decision about the architecture, made in the table of this file.`,
  severity: 'error',
  from: { path: `^functions/src/${domain}/`, pathNot: tests },
  to: {
    path: String.raw`^functions/src/[^/]+/index\.ts$`,
    pathNot: [domain, ...allowed].map((name) => String.raw`^functions/src/${name}/index\.ts$`),
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules in a circle cannot be loaded, tested or moved one at a time; move what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere fails at load time, and hides what the other rules would say of it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'domains-are-listed',
      comment: 'A folder that the table of this file does not name is a domain without rules.',
      severity: 'error',
      from: {
        path: '^functions/src/[^/]+/',
        pathNot: ['platform', ...Object.keys(domains)].map((name) => `^functions/src/${name}/`),
      },
      to: {},
    },
    {
      name: 'domains-meet-at-the-front-door',
      comment:
        'Another domain is entered through its index.ts; its schemas.ts and errors.ts are leaves that everyone may read. What you need and do not find there has to be offered there first.',
      severity: 'error',
      from: { path: '^functions/src/([^/]+)/', pathNot: tests },
      to: {
        path: '^functions/src/[^/]+/',
        pathNot: [
          '^functions/src/$1/',
          '^functions/src/platform/',
          String.raw`^functions/src/[^/]+/(index|schemas|errors)\.ts$`,
        ],
      },
    },
    ...domainEdges,
    {
      name: 'platform-knows-no-domain',
      comment: 'The platform is what every domain stands on; once it knows one of them it cannot carry the others.',
      severity: 'error',
      from: { path: '^functions/src/platform/', pathNot: tests },
      to: { path: '^functions/src/', pathNot: '^functions/src/platform/' },
    },
    {
      name: 'leaves-stay-leaves',
      comment:
        'Schemas and errors are imported by everyone, so whatever they import, everyone loads: other leaves, the bounds of arrays and maps, how large a value is when it is stored, and pure code of their own domain only.',
      severity: 'error',
      from: { path: String.raw`^functions/src/([^/]+)/(schemas|errors)\.ts$` },
      to: {
        path: ['^functions/src/', '^node_modules/'],
        pathNot: [
          '^functions/src/$1/',
          String.raw`^functions/src/[^/]+/(schemas|errors)\.ts$`,
          String.raw`^functions/src/platform/(bounded|stored-size)\.ts$`,
          ...npm('zod', '@hono/zod-openapi'),
        ],
      },
    },
    {
      name: 'composition-enters-by-the-edges',
      comment:
        'The files at the root put the service together from what the domains offer: their triggers, their routes and their index.ts. Types are free: the client is made of them.',
      severity: 'error',
      from: { path: String.raw`^functions/src/[^/]+\.ts$`, pathNot: tests },
      to: {
        path: '^functions/src/[^/]+/',
        pathNot: [
          '^functions/src/platform/',
          String.raw`^functions/src/[^/]+/(index|functions|routes|schemas|errors)\.ts$`,
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nothing-imports-the-composition',
      comment:
        'Triggers, routes and the files at the root adapt use-cases to the outside; code that needs one of them wants the use-case behind it. Only config.ts is for everyone.',
      severity: 'error',
      from: { path: '^functions/src/[^/]+/', pathNot: tests },
      to: {
        path: [String.raw`^functions/src/[^/]+\.ts$`, String.raw`^functions/src/[^/]+/(functions|routes)\.ts$`],
        pathNot: String.raw`^functions/src/config\.ts$`,
      },
    },
    {
      name: 'firestore-only-in-stores',
      comment:
        'Decisions are pure and use-cases speak to stores by intent; only *.firestore.ts and the platform know the database.',
      severity: 'error',
      from: { path: '^functions/src/', pathNot: [String.raw`\.firestore\.ts$`, '^functions/src/platform/', tests] },
      to: { path: npm('firebase-admin', '@google-cloud/firestore') },
    },
    {
      name: 'pubsub-only-behind-publishers',
      comment: 'What is sent is decided by pure code; only the platform knows how it is sent.',
      severity: 'error',
      from: { path: '^functions/src/', pathNot: ['^functions/src/platform/', tests] },
      to: { path: npm('@google-cloud/pubsub') },
    },
    {
      name: 'provider-sdks-only-in-providers',
      comment:
        'Routing, budgets and retries hold for every provider alike; what is peculiar to one stays in llm/providers.',
      severity: 'error',
      from: { path: '^functions/src/', pathNot: ['^functions/src/llm/providers/', tests] },
      to: { path: llmSdks },
    },
    {
      name: 'triggers-only-in-functions',
      comment:
        'functions.ts, config.ts and the platform adapt to Cloud Functions; any other code must run without them. Logging is free.',
      severity: 'error',
      from: {
        path: '^functions/src/',
        pathNot: [
          String.raw`/functions\.ts$`,
          String.raw`^functions/src/(config|index)\.ts$`,
          '^functions/src/platform/',
          tests,
        ],
      },
      to: { path: npm('firebase-functions'), pathNot: '^node_modules/firebase-functions/lib/(esm/)?logger/' },
    },
    {
      name: 'heavy-code-loads-on-first-use',
      comment:
        'A cold start pays for every static import. These packages cost tens to hundreds of milliseconds and most requests need none of them: import() them, or a module that is listed in this file as loaded by import() itself.',
      severity: 'error',
      from: { path: '^functions/src/', pathNot: [...loadedOnFirstUse, tests] },
      to: {
        path: [...llmSdks, ...npm('@google-cloud/pubsub', '@redocly/openapi-core', 'typescript'), ...loadedOnFirstUse],
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
    {
      name: 'functions-know-nothing-of-local',
      comment: 'What is deployed must not notice that it can also run on a developer’s machine.',
      severity: 'error',
      from: { path: '^functions/src/', pathNot: tests },
      to: { path: '^local/' },
    },
    {
      name: 'local-knows-functions-by-their-schemas',
      comment:
        'The suite serves any build of the functions: it reads their manifest, shares leaves, seeds their registry, and uses them as a client does.',
      severity: 'error',
      from: { path: '^local/', pathNot: tests },
      to: {
        path: '^functions/src/',
        pathNot: [String.raw`/schemas\.ts$`, String.raw`^functions/src/client\.ts$`, '^functions/src/agents/index'],
      },
    },
    {
      name: 'local-parts-meet-at-the-front-door',
      comment: 'The parts of the suite can be started alone, so each is entered through its index.ts.',
      severity: 'error',
      from: { path: '^local/src/([^/]+)/', pathNot: tests },
      to: { path: '^local/src/[^/]+/', pathNot: ['^local/src/$1/', String.raw`/index\.ts$`] },
    },
    {
      name: 'checker-shares-no-code',
      comment: 'The checker judges the engine: a fault in code that both use would not be found.',
      severity: 'error',
      from: { path: '^proof/check/' },
      to: { path: '^(functions|local|bench|proof|examples)/', pathNot: '^proof/check/' },
    },
    {
      name: 'examples-stand-alone',
      comment:
        'An example is copied into a repository of somebody else: it has its own folder and packages, and nothing of ours.',
      severity: 'error',
      from: { path: '^examples/', pathNot: tests },
      to: { path: '^(functions|local|bench|proof)/' },
    },
    {
      name: 'no-production-to-test',
      comment: 'Code that runs for users must not need what only tests provide.',
      severity: 'error',
      from: { pathNot: [tests, '^functions/test/'] },
      to: { path: [tests, '^functions/test/'] },
    },
    {
      name: 'functions-have-no-dead-code',
      comment: 'Neither the deployed functions nor the typed client lead here: delete it or connect it.',
      severity: 'error',
      from: { path: functionsEntries },
      to: { path: '^functions/src/', pathNot: [...functionsEntries, tests], reachable: false },
    },
    {
      name: 'local-has-no-dead-code',
      comment:
        'No command of the suite leads here. A program that the suite starts as a process is an entry point too, and listed as such in this file.',
      severity: 'error',
      from: { path: localEntries },
      to: { path: '^local/src/', pathNot: [...localEntries, tests], reachable: false },
    },
    {
      name: 'only-declared-dependencies',
      comment:
        'A deployment installs what the workspace’s own package.json declares; a package that only the root or another package brings is missing there.',
      severity: 'error',
      from: { path: '^(functions|local)/src/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: '^node_modules/' },
    // Types count: a decision that names an SDK's types is tied to that SDK.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
