import { describe, expect, test } from '@jest/globals';
import { artifactKinds, describeFormat, formatLabel } from './index.ts';

describe('formats', () => {
  test('names the format of a contract as the directives do', () => {
    expect(formatLabel('openapi')).toBe('OpenAPI 3.1');
  });

  test('gives every kind a label of its own and begins its description with it', () => {
    const labels = artifactKinds.map(formatLabel);
    expect(new Set(labels).size).toBe(artifactKinds.length);
    for (const kind of artifactKinds) expect(describeFormat(kind).startsWith(`${formatLabel(kind)}.`)).toBe(true);
  });

  test('describes a JSON kind by a schema that allows no other fields', () => {
    const [, , schema] = describeFormat('service-boundaries').split('\n');
    expect(JSON.parse(schema ?? '')).toMatchObject({
      type: 'object',
      required: ['service', 'dependencies', 'dataFlow'],
      additionalProperties: false,
      properties: { dataFlow: { required: ['input', 'processing', 'output'] } },
    });
  });
});
