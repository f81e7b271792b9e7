import { expect, test } from '@jest/globals';
import { listen } from '../../../src/platform/firestore.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

const database = serviceDatabase();
const things = () => database.collection(`orgs/${randomOrg()}/things`);

test('what the callback of a listener throws goes to its error handler and ends the listening', async () => {
  const all = things();
  const states: number[] = [];
  const refused = new Error('The second state does not please.');
  const failed = new Promise((resolve) => {
    listen(
      all,
      ({ size }) => {
        states.push(size);
        if (size > 0) throw refused;
        void all.add({});
      },
      resolve,
    );
  });
  expect(await failed).toBe(refused);
  const ofAnother = new Promise<void>((resolve, reject) => {
    const stop = listen(
      all,
      ({ size }) => {
        if (size < 2) return;
        stop();
        resolve();
      },
      reject,
    );
  });
  await all.add({});
  await ofAnother;
  expect(states).toEqual([0, 1]);
});
