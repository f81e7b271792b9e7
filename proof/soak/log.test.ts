import { expect, test } from '@jest/globals';
import { watchLog } from './log.ts';

const lines = [
  'instance 4711 of acceptTask and 7 more functions died (SIGKILL); starting another',
  'runHigh failed 8 times: HTTP 500',
  '[12] {"code":"store.conflict","severity":"ERROR","message":"message"}',
  '[13] {"code":"store.conflict","severity":"ERROR","message":"message"}',
  '[13] {"severity":"ERROR","message":"Error: It broke\\n    at somewhere"}',
  '[13] {"severity":"INFO","message":"request","note":"\\"ERROR\\""}',
  '[13]     at deliver (file:///functions/lib/index.js:1:1)',
];

test('the log of a suite is boiled down to deaths and errors by their kind', () => {
  const log = watchLog();
  lines.forEach(log.take);
  expect(log.deaths()).toEqual([{ pid: 4711, how: 'SIGKILL' }]);
  expect(log.errors()).toEqual({ 'message: store.conflict': 2, 'Error: It broke': 1 });
});
