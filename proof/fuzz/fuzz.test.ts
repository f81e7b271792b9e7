// The short form of the fuzzer, for every change: a fixed seed, a few requests for each operation. The long form is `npm run fuzz`.
import { expect, test } from '@jest/globals';
import { runFuzz } from './fuzz.ts';
import { hasPassed, markdown, sumOf } from './tally.ts';

test('the API keeps to its OpenAPI document, whatever it is sent', async () => {
  const report = await runFuzz({ seed: 3, requests: 150 });
  if (!hasPassed(report)) console.error(markdown(report));
  expect(hasPassed(report)).toBe(true);
  const { requests, succeeded, refused } = sumOf(report.operations);
  expect(requests).toBeGreaterThan(130);
  expect(Math.min(succeeded, refused)).toBeGreaterThan(30);
}, 120_000);
