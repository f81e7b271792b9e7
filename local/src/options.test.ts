import { describe, expect, test } from '@jest/globals';
import { SuiteError } from './errors.ts';
import { readCommandLine, usage } from './options.ts';

describe('the command line', () => {
  test('leaves to the suite what is not given', () => {
    expect(readCommandLine([])).toEqual({
      help: false,
      json: false,
      suite: { watch: false, isolate: false, seed: true, ports: {} },
    });
  });

  test('takes every option', () => {
    const args =
      '--watch --json --isolate --no-seed --instances 3 --max-attempts=4 --character natural --project demo-x --functions lib --host ::1';
    expect(readCommandLine([...args.split(' '), '--port-functions', '0', '--port-llm', '6000'])).toEqual({
      help: false,
      json: true,
      suite: {
        watch: true,
        isolate: true,
        seed: false,
        instances: 3,
        maxAttempts: 4,
        character: 'natural',
        project: 'demo-x',
        functionsDirectory: 'lib',
        host: '::1',
        ports: { functions: 0, llm: 6000 },
      },
    });
  });

  test.each([
    [['--wacth'], '--wacth'],
    [['stray'], 'stray'],
    [['--instances', '0'], '--instances'],
    [['--instances', 'many'], '--instances'],
    [['--port-auth', '65536'], '--port-auth'],
    [['--max-attempts'], '--max-attempts'],
  ])('%j is refused by name', (args, named) => {
    expect(() => readCommandLine(args)).toThrow(SuiteError);
    expect(() => readCommandLine(args)).toThrow(named);
  });

  test('every option that the usage shows is accepted', () => {
    const shown = [...usage.matchAll(/(--[a-z-]+)(?: ([A-Z]+))?/g)];
    expect(shown.length).toBeGreaterThan(10);
    for (const [, flag = '', value] of shown) {
      const sample = value === 'N' ? '1' : 'x';
      expect(() => readCommandLine(value === undefined ? [flag] : [flag, sample])).not.toThrow();
    }
  });
});
