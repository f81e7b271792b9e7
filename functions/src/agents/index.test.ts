import { describe, expect, test } from '@jest/globals';
import { artifactKinds } from '../artifacts/index.ts';
import { roleCard, roleCardOf, roleCards } from './index.ts';
import { specialistIds } from './schemas.ts';

describe('the role cards', () => {
  test.each(specialistIds)('%s fits the schema and stands under its own id', (id) => {
    expect(roleCard.parse(roleCardOf(id)).id).toBe(id);
  });

  test('cover every kind of artifact, and every name is used once', () => {
    const cards = Object.values(roleCards);
    expect(artifactKinds.filter((kind) => !cards.some(({ produces }) => produces.includes(kind)))).toEqual([]);
    expect(new Set(cards.map(({ name }) => name)).size).toBe(specialistIds.length);
  });

  test('refuse a card with a field that nobody reads', () => {
    expect(roleCard.safeParse({ ...roleCardOf('api-designer'), mood: 'good' }).success).toBe(false);
  });
});
