// Source is native ESM, so tests run as ESM too: `npm test` passes --experimental-vm-modules.
const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
      },
    ],
  },
  testEnvironment: 'node',
  injectGlobals: false,
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{functions/src,local/src,proof}/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/proof/(soak/soak|crash-sweep/crash-sweep|fuzz/fuzz)\\.test\\.ts$',
      ],
    },
    {
      ...shared,
      displayName: 'emulator',
      testMatch: ['<rootDir>/functions/test/emulator/**/*.test.ts'],
      globalSetup: '<rootDir>/functions/test/emulator/setup.ts',
      globalTeardown: '<rootDir>/functions/test/emulator/teardown.ts',
      setupFilesAfterEnv: ['<rootDir>/functions/test/emulator/suite.ts'],
    },
    {
      ...shared,
      displayName: 'journeys',
      testMatch: [
        '<rootDir>/functions/test/journeys/**/*.test.ts',
        '<rootDir>/proof/{soak/soak,crash-sweep/crash-sweep,fuzz/fuzz}.test.ts',
      ],
    },
  ],
};
