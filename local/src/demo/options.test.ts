import { describe, expect, test } from '@jest/globals';
import { SuiteError } from '../errors.ts';
import { readCommandLine } from './options.ts';
import { exampleRequests } from './requests.ts';

const refusal = (...args: string[]): SuiteError => {
  try {
    readCommandLine(args);
  } catch (error) {
    if (error instanceof SuiteError) return error;
  }
  throw new Error('was not refused');
};

describe('the command line', () => {
  test('without arguments runs one request of the specification, with --all three', () => {
    expect(readCommandLine([])).toEqual({
      help: false,
      json: false,
      keep: false,
      pace: 'brisk',
      requests: exampleRequests.slice(0, 1),
      priority: undefined,
      category: undefined,
    });
    expect(readCommandLine(['--all']).requests).toEqual(exampleRequests);
    expect(exampleRequests).toHaveLength(3);
    expect(readCommandLine(['--speed', '--keep'])).toMatchObject({ pace: 'real', keep: true });
  });

  test('takes a task, its priority and its category', () => {
    const { requests, priority, category } = readCommandLine([
      'Add search',
      '--priority',
      'high',
      '--category=performance',
    ]);
    expect({ requests, priority, category }).toEqual({
      requests: [{ title: 'Add search' }],
      priority: 'high',
      category: 'performance',
    });
  });

  test('takes a task without quotes', () => {
    expect(readCommandLine(['add', 'full', 'text', 'search']).requests).toEqual([{ title: 'add full text search' }]);
  });

  test('tells a long task in the description and shortens the title to what the API takes', () => {
    const long = 'word '.repeat(100).trim();
    const [request] = readCommandLine([long]).requests;
    expect(request?.description).toBe(long);
    expect(request?.title.length).toBeLessThanOrEqual(200);
    expect(readCommandLine(['🙂'.repeat(150)]).requests[0]?.title.isWellFormed()).toBe(true);
    expect(readCommandLine(['Add search\nwith filters']).requests).toEqual([
      { title: 'Add search', description: 'Add search\nwith filters' },
    ]);
  });

  test.each([
    [['--colour'], "Unknown option '--colour'"],
    [['--priority', 'urgent', 'x'], '--priority is "urgent".'],
    [['--category', 'frontend', 'x'], '--category is "frontend".'],
    [['--category', 'performance'], '--category needs a task of yours.'],
    [['  '], 'The task is empty.'],
    [['--all', 'Add search'], '--all'],
    [['x'.repeat(20_001)], 'longer than 20000'],
  ])('refuses %j with a clear message', (args, message) => {
    expect(refusal(...args).message).toContain(message);
  });
});
