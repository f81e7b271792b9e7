import { describe, expect, test } from '@jest/globals';
import { checkSecurityRules } from './security-rules.ts';

const rules = `rules_version = '2';

// Every document belongs to an organisation.
service cloud.firestore {
  match /databases/{database}/documents {
    function signedIn() { return request.auth != null; }
    function memberOf(org) {
      let member = get(/databases/$(database)/documents/orgs/$(org)/members/$(request.auth.uid));
      return signedIn() && member.data.role in ['admin', 'member',];
    }
    match /orgs/{org} {
      allow get: if memberOf(org);
      /* lists are for admins */
      allow list, delete: if request.auth.token['admin'] == true;
      match /documents/{document=**} {
        function valid(data) {
          return data.keys().hasOnly(['title', 'size']) && data.title is string
            && data.title.matches('^[a-z\\\\d]+$') && data.size / 2 < 1.5 && -data.size <= 0
            && (data.diff(resource.data).affectedKeys().size() == 0 ? true : data.tags[0:2] == {'a': 1}.a);
        }
        allow read: if memberOf(org) || exists(/databases/(default)/documents/public/$(document));
        allow create, update: if memberOf(org) && valid(request.resource.data) && request.time > timestamp.date(2020, 1, 1);
      }
    }
  }
}
`;

const within = (body: string) => `rules_version = '2';\nservice cloud.firestore {\nmatch /a/{id} {\n${body}\n}\n}`;
const condition = (expression: string) => within(`allow read: if ${expression};`);

const messages = (source: string) => {
  const check = checkSecurityRules(source);
  return check.valid ? [] : check.findings.map(({ where, message }) => `${where} ${message}`);
};

describe('checkSecurityRules', () => {
  test('accepts rules that use the whole language, and counts matches and allows', () => {
    expect(messages(rules)).toEqual([]);
    expect(checkSecurityRules(rules)).toEqual({
      valid: true,
      metrics: { matches: 3, allows: 4 },
      verdict: null,
      concerns: [],
      findings: [],
    });
  });

  // Each of these was put to the Firestore emulator, which decides the same.
  test.each([
    'true',
    '!!true',
    '!(-1 == 1)',
    '-id.a == 1',
    '1 - -1 == 2',
    '4 / 2 == 2',
    '4 % 2 == 0',
    '.5 == 0.5',
    '1. == 1.0',
    '1 == 2 == true',
    'null == null',
    "'a' in ['a', 'b',]",
    "{'a': 1,} == {}",
    '[1, 2][:1] == []',
    '[1][:] == []',
    'id[0:1] == id',
    'id is map_diff',
    'true ? false : true ? true : false',
    "'it\\'s \\u00e9 \\x41 \\101' == \"\"",
    'b\'abc\' == B"abc"',
    'request.auth.token.in == 1',
    'request.allow == 1',
    'exists(/a/b:c@d-e.f_g~h)',
    'exists(/a/$( id ))',
    'exists(/a /b)',
    '/a/b[0] == 1',
    "get(/a/b)['data'] == 1",
    'math.abs(-1) == 1',
    'debug(true)',
    'request . auth != null',
    'true // comment\n',
    'true /* comment */',
    '\ftrue',
  ])('accepts the condition %j', (expression) => {
    expect(messages(condition(expression))).toEqual([]);
  });

  test.each([
    'true &&',
    '&& true',
    'true and false',
    'true & false',
    'id === 1',
    'id = 1',
    '()',
    '(true',
    'true)',
    'id[',
    'id[]',
    'id[0:1:2] == 1',
    '[,] == []',
    '[1 2] == []',
    '{:1} == {}',
    'exists(,)',
    'exists(/a/b/)',
    'exists(/)',
    'exists(/a/b?c)',
    'exists(/a/b$(id))',
    'exists(/a/(b)c)',
    'exists(/a b)',
    "'\\d' == ''",
    "'\\400' == ''",
    "'a\nb' == ''",
    "'unterminated",
    "'it\u2019s' == ''",
    '017 == 15',
    '0x1F == 31',
    '1e5 == 1.0',
    '1u == 1',
    '99999999999999999999 == 1',
    '- -1 == 1',
    '--1 == 1',
    'id++ == 1',
    '1--1 == 2',
    '+1 == 1',
    '-!true == 1',
    '!-!true',
    '1/2 == 0',
    '4 /id == 2',
    '(id)(1)',
    'id.a()(1)',
    'request.in(1)',
    'resource.data.service == 1',
    'math.abs == 1',
    'id is rules',
    'let == 1',
    'not true',
    'id ?: 1',
    'id ?? 1',
    'id?.a',
    '\u00e9 == 1',
    'true\u00a0',
    '',
    'true ;;',
  ])('refuses the condition %j', (expression) => {
    expect(messages(condition(expression))).not.toEqual([]);
  });

  test('tells the line and column where reading stopped, and what stands there', () => {
    expect(messages(condition('request.auth.uid = id'))).toEqual([
      "4:33 Expected 'allow', 'match' or 'function', found '='.",
    ]);
    expect(messages(within('allow read: true;'))).toEqual(["4:13 Expected 'if', found 'true'."]);
    expect(messages("rules_version = '2';\nservice cloud.firestore {\n  match /a/b {\n    allow read;")).toEqual([
      "4:16 Expected '}', found the end of the file.",
    ]);
  });

  test.each([
    [
      'an unknown service',
      'service firebase.storage { match /a/b { allow read: if true; } }',
      "1:9 Unknown service 'firebase.storage', expected cloud.firestore.",
    ],
    [
      'a service declared twice',
      'service cloud.firestore { match /a/b { allow read; } } service cloud.firestore { match /a/b { allow read; } }',
      "1:64 The service 'cloud.firestore' is declared twice.",
    ],
    ['no service', 'function f() { return true; }', '1:1 A rules file needs service cloud.firestore.'],
    [
      'an unknown version',
      "rules_version = '3'; service cloud.firestore { match /a/b { allow read; } }",
      "1:17 There is no rules_version '3', use '2'.",
    ],
    [
      'an unknown method',
      within('allow raed: if true;'),
      "4:7 Unknown method 'raed', expected one of read, write, get, list, create, update, delete.",
    ],
    ['an unknown function', condition('isOwner(id)'), "4:16 Unknown function 'isOwner'."],
    ['an unknown variable', condition('userId == id'), "4:16 Unknown variable 'userId'."],
    [
      'a call with too few arguments',
      within('function f(a, b) { return a == b; }\nallow read: if f(1);'),
      "5:16 'f' takes 2 arguments, not 1.",
    ],
    [
      'a function of another scope',
      within('match /b/{c} { function f() { return true; } allow read: if f(); }\nallow read: if f();'),
      "5:16 Unknown function 'f'.",
    ],
    [
      'a variable used before its let',
      within('function f() { let a = b; let b = 1; return a == b; }\nallow read: if f();'),
      "4:24 Unknown variable 'b'.",
    ],
    [
      'a function declared twice',
      within('function f() { return 1; } function f() { return 2; }\nallow read: if f() == 1;'),
      "4:37 The function 'f' is declared twice.",
    ],
    [
      'a let that hides a parameter',
      within('function f(a) { let a = 1; return a; }\nallow read: if f(1) == 1;'),
      "4:21 The variable 'a' is declared twice.",
    ],
    [
      'a function that calls itself',
      within('function f() { return f(); }\nallow read: if f();'),
      "4:10 Function 'f' ends up calling itself.",
    ],
    [
      'a capture declared twice',
      'service cloud.firestore { match /a/{x}/b/{x} { allow read; } }',
      "1:43 The capture 'x' is declared twice.",
    ],
    ['two rest captures', within('match /{b=**}/{c=**} { allow read; }'), '4:7 A path may have one {name=**} only.'],
    [
      'eleven let bindings',
      within(
        `function f() { ${'abcdefghijk'
          .split('')
          .map((name) => `let ${name} = 1;`)
          .join(' ')} return a; }\nallow read: if f() == 1;`,
      ),
      "4:10 Function 'f' has more than 10 let bindings.",
    ],
    [
      'eight parameters',
      within('function f(a, b, c, d, e, g, h, i) { return true; }\nallow read;'),
      "4:10 Function 'f' has more than 7 parameters.",
    ],
  ])('refuses %s', (_, source, message) => {
    expect(messages(source)).toContain(message);
  });

  test('finds functions that call each other in a circle', () => {
    const source = within(
      'function f() { return g(); }\nfunction g() { return f(); }\nfunction h() { return true; }\nallow read: if f() && h();',
    );
    expect(messages(source)).toEqual([
      "4:10 Function 'f' ends up calling itself.",
      "5:10 Function 'g' ends up calling itself.",
    ]);
  });

  test('lets a rest capture stand within a path from version 2 on', () => {
    const path = (version: string) => `${version} service cloud.firestore { match /{a=**}/b/{c} { allow read; } }`;
    expect(messages(path("rules_version = '2';"))).toEqual([]);
    expect(messages(path(''))).toHaveLength(1);
  });

  test.each(['allow write: if true;', 'allow read, update: if (true);', 'allow create;', 'allow delete'])(
    'is concerned about %j',
    (allow) => {
      expect(checkSecurityRules(within(allow))).toMatchObject({
        valid: true,
        concerns: [expect.stringContaining('at 4:1 has no condition')],
      });
    },
  );

  test.each(['allow read: if true;', 'allow write: if false;', 'allow write: if request.auth != null;'])(
    'is not concerned about %j',
    (allow) => {
      expect(checkSecurityRules(within(allow))).toMatchObject({ valid: true, concerns: [] });
    },
  );

  test('is concerned about the old version of the language', () => {
    expect(checkSecurityRules('service cloud.firestore { match /a/b { allow read; } }')).toMatchObject({
      concerns: [expect.stringContaining('version 1')],
    });
  });

  test.each([
    ['a condition of a hundred thousand terms', condition(`${'true && '.repeat(100_000)}true`), true],
    ['a hundred thousand members', condition(`id${'.a'.repeat(100_000)} == 1`), true],
    ['a call of a hundred thousand arguments', condition(`id.a(${'1,'.repeat(100_000)})`), true],
    [
      'ten thousand functions that call each other',
      within(
        `${Array.from({ length: 10_000 }, (_, index) => `function f${index}() { return f${(index + 1) % 10_000}() && f0(); }`).join('\n')}\nallow read;`,
      ),
      false,
    ],
    ['a hundred thousand brackets', condition('('.repeat(100_000)), false],
    ['a hundred thousand negations within brackets', condition('!('.repeat(100_000)), false],
    ['a hundred thousand matches in each other', 'service cloud.firestore {' + ' match /a {'.repeat(50_000), false],
    ['a comment that never ends', '/*'.repeat(100_000), false],
    ['a path that is longer than any', within(`match ${'/a'.repeat(800)} { allow read; }`), false],
    [
      'paths that are together longer than any',
      within(`match ${'/a'.repeat(400)} { match ${'/a'.repeat(400)} { allow read; } }`),
      false,
    ],
    ['a path that is long', within(`match ${'/a'.repeat(400)} { allow read; }`), true],
  ])('reads %s', (_, source, valid) => {
    expect(checkSecurityRules(source).valid).toBe(valid);
  });
});
