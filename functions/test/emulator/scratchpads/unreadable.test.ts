// A record of a scratchpad that nobody can read.
import { expect, test } from '@jest/globals';

// The logger keeps the console's methods when it is loaded, so the recorder must be in place before.
const errors: Record<string, unknown>[] = [];
console.error = (line: string) => void errors.push(JSON.parse(line) as Record<string, unknown>);
const { json } = await import('../api/callers.ts');
const { randomOrg } = await import('../harness.ts');
const { firestore } = await import('../../../src/platform/firestore.ts');
const { entriesOfTask } = await import('../../../src/scratchpads/index.ts');
const { ifMatch, newTask, note, onPad } = await import('./pads.ts');

test('notes that cannot be read are logged, and the scratchpad is read and edited with all others', async () => {
  const org = randomOrg();
  const task = await newTask(org);
  const pad = onPad(org, task);
  const unreadable = firestore().doc(`orgs/${org}/tasks/${task}/scratchpad/a0.1`);
  await unreadable.create({ merged: false });
  await note(org, task, { ordinal: 1, notes: { service: 'Extracts' } });
  expect(await json(pad('GET '))).toMatchObject({ sections: { serviceArchitecture: { service: 'Extracts' } } });
  const body = { fields: { dependencies: 'Storage' } };
  const edited = await json(pad('PATCH /sections/serviceArchitecture', { body, headers: ifMatch(1) }));
  expect(edited).toMatchObject({ number: 2, fields: { service: 'Extracts', dependencies: 'Storage' } });
  expect(await entriesOfTask(org, task)).toMatchObject([{ assignment: 'a1' }]);
  expect(new Set(errors.map(({ path }) => path))).toEqual(new Set([unreadable.path]));
});
