import { beforeAll, expect, test } from '@jest/globals';
import { orgsToWatch } from '../../../src/coordination/org-figures.firestore.ts';
import { firestore } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

serviceDatabase();
const since = new Date();
const after = new Date(since.getTime() + 1);
const more = 1_010;

const written = async (path: string, fields: object) => {
  const org = randomOrg();
  await firestore()
    .doc(`orgs/${org}/${path}`)
    .create({ org, ...fields });
  return org;
};
const ended = (createdAt: Date) => written('tasks/t/reports/final', { createdAt });
const watched = async () => {
  const found: OrgId[] = [];
  for await (const org of orgsToWatch(since)) found.push(org);
  return found;
};

let done: OrgId[];
beforeAll(async () => {
  done = await Promise.all(Array.from({ length: more }, () => ended(after)));
});

test('every org is watched whose work has ended since the last look, however many there are', async () => {
  const found = new Set(await watched());
  expect(done.filter((org) => !found.has(org))).toEqual([]);
});

test('an org is watched that is at work, waits for evidence or wants reports, and none whose work ended before', async () => {
  const atWork = await Promise.all([1, 2, 3].map(() => written('tasks/t', { active: true })));
  const waiting = await written('tasks/t', { active: false, state: 'validating' });
  const reported = await written('policy/current', { policy: { reports: { everyMinutes: 60 } } });
  const idle = await Promise.all([ended(new Date(since.getTime() - 1)), written('tasks/t', { active: false })]);
  const found = await watched();
  expect(found).toEqual(expect.arrayContaining([...atWork, waiting, reported]));
  expect(idle.filter((org) => found.includes(org))).toEqual([]);
});

test('an org is watched once, whatever it is watched for', async () => {
  const [org] = done;
  if (!org) throw new Error('There is no org.');
  await firestore().doc(`orgs/${org}/tasks/t`).create({ org, active: true });
  expect((await watched()).filter((each) => each === org)).toEqual([org]);
});

test('a record that does not say whose it is keeps no org from being watched', async () => {
  await Promise.all([0, 'No Org'].map((org) => written('tasks/t', { org, active: true })));
  await written('tasks/t/reports/final', { org: null, createdAt: after });
  const atWork = await written('tasks/t', { active: true });
  const last = await ended(new Date(after.getTime() + 1));
  expect(await watched()).toEqual(expect.arrayContaining([atWork, last]));
});
