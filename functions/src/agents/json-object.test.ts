import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findJsonObject } from './json-object.ts';

const object = { a: 'text with {"b": 1} and a } and \\" in it', c: { d: [1, { e: null }] } };
const json = JSON.stringify(object);

describe('findJsonObject', () => {
  test.each([
    ['alone', json],
    ['with space around', `\n ${JSON.stringify(object, null, 2)}\n`],
    ['in a fence', `\`\`\`json\n${json}\n\`\`\``],
    ['in a fence with sentences around', `Here is the result:\n\n\`\`\`\n${json}\n\`\`\`\n\nI hope it helps.`],
    [
      'between sentences with braces and quotes',
      `I used {curly} braces, a "quote" and {} here: ${json} Is that { all }?`,
    ],
  ])('finds the object %s', (_, text) => {
    expect(findJsonObject(text)).toEqual({ ok: true, value: object });
  });

  test.each([
    ['several objects', `${json}\n${json}`],
    ['an object and a broken one', `${json} {"a": oops}`],
    ['an object that is cut off', json.slice(0, -1)],
    ['a whole object within one that is cut off', `{"outer": ${json}, "more": `],
    ['an object cut off within a string', '{"a": {"b": 1}, "c": "half'],
    ['prose', 'I am sorry, I cannot do that.'],
    ['braces that are no JSON', 'function f() { return 1; }'],
    ['nothing', ''],
  ])('guesses nothing from %s', (_, text) => {
    expect(findJsonObject(text)).toMatchObject({ ok: false, findings: [{ message: expect.any(String) }] });
  });

  test('tells where a broken object breaks', () => {
    expect(findJsonObject('Result: {"a": oops}')).toMatchObject({ findings: [{ where: '1:7' }] });
  });

  test('finds any object behind any prose without braces', () => {
    const prose = fc.string().map((text) => text.replaceAll(/[{}"]/g, ''));
    fc.assert(
      fc.property(prose, fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), prose, (before, value, after) => {
        const text = JSON.stringify(value);
        expect(findJsonObject(`x${before}${text}${after}x`)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
      }),
    );
  });

  test.each(['{"', '{"a":', '{"a":"\\', '"{'])('answers at once to %j without end', (unit) => {
    expect(findJsonObject(unit.repeat(200_000)).ok).toBe(false);
  });
});
