// Every limit on how many of a thing there may be, reached by many at the same time.
import { describe, expect, test } from '@jest/globals';
import type { CollectionReference, Query } from 'firebase-admin/firestore';
import { createAgent, maxAgents } from '../../../src/agents/agents.firestore.ts';
import { builtinSpecialists, agentRegistration, type Agent } from '../../../src/agents/schemas.ts';
import { registerWebhook } from '../../../src/communication/register-webhook.ts';
import { webhookSettings } from '../../../src/communication/schemas.ts';
import { maxWebhooks } from '../../../src/communication/webhooks.firestore.ts';
import { registerKey } from '../../../src/governance/gates/attestation-keys.ts';
import { maxAttestationKeys } from '../../../src/governance/gates/attestation-keys.firestore.ts';
import { ed25519 } from '../../../src/governance/gates/test-keys.ts';
import { waiveGate } from '../../../src/governance/gates/waive-gate.ts';
import { commitWithin } from '../../../src/platform/firestore.ts';
import type { OrgId } from '../../../src/platform/schemas.ts';
import { createSchedule } from '../../../src/scheduling/create-schedule.ts';
import { schedulingErrors } from '../../../src/scheduling/errors.ts';
import { maxSchedules } from '../../../src/scheduling/schedules.firestore.ts';
import { scheduleSettings } from '../../../src/scheduling/schemas.ts';
import { randomOrg, serviceDatabase } from '../harness.ts';

const database = serviceDatabase();
const now = new Date();
const ann = { uid: 'ann', role: 'member' as const };

interface Limited {
  readonly what: string;
  readonly most: number;
  readonly code: string;
  readonly collection: string;
  /** What counts of the collection; left out: all. */
  readonly counted?: (all: CollectionReference) => Query;
  /** The fields by which a record counts. */
  readonly counts?: object;
  readonly make: (org: OrgId, name: string) => Promise<unknown>;
}

const limits: readonly Limited[] = [
  {
    what: 'schedules of an org',
    most: maxSchedules,
    code: 'scheduling.too_many_schedules',
    collection: 'schedules',
    make: (org, name) => {
      const settings = scheduleSettings.parse({ name, cron: '0 0 1 1 *', submission: { title: 'A' } });
      return createSchedule({ org, settings, createdBy: 'ann', now });
    },
  },
  {
    what: 'webhooks of an org',
    most: maxWebhooks,
    code: 'communication.too_many_webhooks',
    collection: 'webhooks',
    make: (org) => {
      const settings = webhookSettings.parse({ url: 'https://hooks.example/' });
      return registerWebhook({ org, settings, createdBy: 'ann', now, allowPrivate: false });
    },
  },
  {
    what: 'agents of an org’s own',
    most: maxAgents - builtinSpecialists.length,
    code: 'agents.registry_full',
    collection: 'agents',
    make: (org, id) => createAgent(agent(org, id)),
  },
  {
    what: 'attestation keys in force of an org',
    most: maxAttestationKeys,
    code: 'governance.too_many_attestation_keys',
    collection: 'attestationKeys',
    counted: (all) => all.where('revokedAt', '==', null),
    counts: { revokedAt: null },
    make: (org, name) =>
      registerKey(org, { name, jwk: ed25519().jwk, gates: ['tests'] }, { by: { ...ann, role: 'operator' }, now }),
  },
  {
    what: 'undecided waivers of a gate of a task',
    most: 1,
    code: 'governance.approval_pending',
    collection: 'approvals',
    make: (org, reason) => waiveGate({ org, task: 'tsk_0', gate: 'tests', reason, by: ann, now }),
  },
];

const agent = (org: OrgId, id: string): Agent => {
  const registration = agentRegistration.parse({
    id,
    kind: 'llm',
    name: 'Linguist',
    summary: 'Knows words.',
    skills: ['words'],
    responsibilities: ['Wording of messages'],
    produces: ['markdown'],
  });
  return { ...registration, org, version: 1, enabled: true, createdBy: 'ann', createdAt: now, updatedAt: now };
};

const codeOf = (outcome: PromiseSettledResult<unknown>): string | undefined =>
  outcome.status === 'fulfilled' ? undefined : String((outcome.reason as { code?: unknown }).code);

describe.each(limits)('$what', ({ most, code, collection, counted = (all) => all, counts = {}, make }) => {
  const racers = 12;
  const free = Math.min(2, most);

  test('are as many as there may be and no more, however many are made at the same time', async () => {
    const org = randomOrg();
    const all = database.collection(`orgs/${org}/${collection}`);
    const batch = database.batch();
    for (let nth = free; nth < most; nth++) batch.create(all.doc(`seed-${nth}`), { org, ...counts });
    await batch.commit();
    const outcomes = await Promise.allSettled(Array.from({ length: racers }, (_, nth) => make(org, `racer-${nth}`)));
    const refused = outcomes.map(codeOf).filter((each) => each !== undefined);
    expect(refused).toEqual(Array.from({ length: racers - free }, () => code));
    expect(String((await counted(all).count().get()).data().count)).toBe(String(most));
  });
});

test('a record that is made several times at once is made once, and met by the others, though it fills the limit', async () => {
  const all = database.collection(`orgs/${randomOrg()}/things`);
  const limit = { among: all.select(), most: 1, refusal: schedulingErrors.tooManySchedules };
  const made = all.doc('same');
  const make = () => commitWithin(limit, made, (batch) => batch.create(made, {}));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, make));
  expect(outcomes.map(codeOf).filter((each) => each !== undefined)).toEqual(
    Array.from({ length: 7 }, () => 'store.exists'),
  );
});
