import { describe, expect, test } from '@jest/globals';
import { rulesDeclarations } from './declarations.ts';

const file = (body: string) => `rules_version = '2';\nservice cloud.firestore {\n${body}\n}`;

describe('the declarations of a rules file', () => {
  test('are its conditions by path and operation, and its functions by scope', () => {
    const rules = file(`
      function isMember() { return request.auth != null; }
      match /databases/{database}/documents {
        match /pads/{pad} {
          allow read: if isMember();
          allow write;
          match /notes/{ note = ** } { allow get, delete: if true; }
        }
      }`);
    expect(rulesDeclarations(rules)).toEqual({
      'function cloud.firestore isMember': ['isMember() { return request.auth != null; '],
      'cloud.firestore/databases/{}/documents/pads/{} get': ['isMember()'],
      'cloud.firestore/databases/{}/documents/pads/{} list': ['isMember()'],
      'cloud.firestore/databases/{}/documents/pads/{} create': [''],
      'cloud.firestore/databases/{}/documents/pads/{} update': [''],
      'cloud.firestore/databases/{}/documents/pads/{} delete': [''],
      'cloud.firestore/databases/{}/documents/pads/{}/notes/{**} get': ['true'],
      'cloud.firestore/databases/{}/documents/pads/{}/notes/{**} delete': ['true'],
    });
  });

  test('keep every condition of an operation that is allowed more than once', () => {
    const rules = file('match /a/{b} { allow get: if x; allow read: if y; }');
    expect(rulesDeclarations(rules)['cloud.firestore/a/{} get']).toEqual(['x', 'y']);
  });
});
