import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { effectId, effectKinds, intended, reconcile, type Effect, type EffectKind } from './effects.ts';
import type { Assignment, Remark } from './schemas.ts';
import { at, someAssignment } from './test-records.ts';

const remark: Remark = { kind: 'answer', about: 'Which?', text: 'This.', by: 'ann', at };
const claimed = (epoch: number): Assignment => someAssignment({ state: 'running', epoch });

describe('the id of an effect (L2)', () => {
  const work = someAssignment();

  test('is the same for the same step of the same work, whoever holds it and however often', () => {
    const held = { ...work, state: 'running' as const, epoch: 7, failedTries: 3, startedAt: at };
    expect(effectId(held, 'model.answer', 0)).toBe(effectId(work, 'model.answer', 0));
  });

  test.each<[string, Partial<Assignment>]>([
    ['another assignment', { id: 'b' }],
    ['other instructions', { instructions: 'Differently.' }],
    ['another predecessor', { dependsOn: ['b'] }],
    ['an answer', { remarks: [remark] }],
    ['another specialist', { specialist: 'ml-engineer' }],
  ])('differs with %s', (_, rest) => {
    expect(effectId(someAssignment(rest), 'model.answer', 0)).not.toBe(effectId(work, 'model.answer', 0));
  });

  test('differs by step and by kind', () => {
    const ids = effectKinds.flatMap((kind) => [0, 1, 2].map((step) => effectId(work, kind, step)));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

/** What becomes of a claim: its holder dies, says that it failed, or has its answer refused. */
type Fate = 'dies' | 'fails' | 'refused';
const fates = fc.array(fc.constantFrom<Fate>('dies', 'fails', 'refused'), { maxLength: 40 });

/** The effects on record after that life, and how often nobody knew how a step ended. */
const lifeOf = (kind: EffectKind, life: readonly Fate[]) => {
  const records = new Map<string, Effect>();
  const write = (effect: Effect) => records.set(effect.id, effect);
  const starts: Effect[] = [];
  for (const [index, fate] of life.entries()) {
    const held = claimed(index + 1);
    const { outcome, effect } = reconcile(held, kind, [...records.values()], at);
    write(effect);
    if (outcome === 'give-up') return { starts, gaveUp: effect };
    starts.push(effect);
    if (fate === 'fails') write({ ...effect, state: 'failed', endedAt: at });
    if (fate === 'refused') {
      write({ ...effect, state: 'done', refused: { answer: '{', findings: [] }, endedAt: at });
      write(intended(held, kind, effect.step + 1, at));
    }
  }
  return { starts, gaveUp: undefined };
};

describe('a run that takes over (L3)', () => {
  test('begins with the work itself when nothing is on record', () => {
    const { outcome, effect } = reconcile(claimed(1), 'model.answer', [], at);
    expect([outcome, effect.step, effect.state, effect.epoch]).toEqual(['start', 0, 'intended', 1]);
  });

  test('goes on with the repair at which the one that died was', () => {
    const first: Effect = {
      ...intended(claimed(1), 'model.answer', 0, at),
      state: 'done',
      refused: { answer: '{', findings: [] },
    };
    const repair = intended(claimed(1), 'model.answer', 1, at);
    const { outcome, effect } = reconcile(claimed(2), 'model.answer', [repair, first], at);
    expect([outcome, effect.step, effect.epoch, effect.unknownTries]).toEqual(['start', 1, 2, 1]);
  });

  test('begins anew when what it is about has changed, or when the record is of another kind', () => {
    const before = intended(claimed(1), 'model.answer', 0, at);
    const answered = { ...claimed(2), remarks: [remark] };
    expect(reconcile(answered, 'model.answer', [before], at).effect).toMatchObject({ step: 0, unknownTries: 0 });
    expect(reconcile(claimed(2), 'agent.dispatch', [before], at).effect).toMatchObject({ unknownTries: 0 });
  });

  test.each(effectKinds)('never starts a step of %s again after ten ends that nobody knows', (kind) => {
    const { starts, gaveUp } = lifeOf(
      kind,
      Array.from({ length: 15 }, () => 'dies'),
    );
    expect(starts).toHaveLength(10);
    expect(gaveUp).toMatchObject({ state: 'unknown', unknownTries: 10, endedAt: at });
  });

  test('gives up because of unknown ends only, and no step has more of them than allowed', () => {
    fc.assert(
      fc.property(fates, (life) => {
        const { starts, gaveUp } = lifeOf('model.answer', life);
        for (const { unknownTries } of starts) expect(unknownTries).toBeLessThan(10);
        if (!life.includes('dies') && !life.includes('refused')) expect(gaveUp).toBeUndefined();
        const steps = starts.map(({ step }) => step);
        expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      }),
    );
  });
});
