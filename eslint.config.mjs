import tseslint from 'typescript-eslint';

// Type-aware rules catch what the compiler accepts: a forgotten await is a lost write here.
export default tseslint.config(
  { ignores: ['**/node_modules', 'functions/lib', 'emulator-data', 'coverage', 'demo-out'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ['error', 12],
      'max-depth': ['error', 3],
      'max-params': ['error', 4],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Arrow functions that return the promise of a void call read well in adapters.
      '@typescript-eslint/no-confusing-void-expression': 'off',
    },
  },
  {
    files: ['functions/src/**/*.ts'],
    ignores: ['functions/src/config.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts reads the environment.' },
      ],
    },
  },
  { files: ['**/*.test.ts', 'functions/test/**/*.ts'], rules: { 'max-params': 'off' } },
  { files: ['**/*.mjs'], extends: [tseslint.configs.disableTypeChecked] },
);
