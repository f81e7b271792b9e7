// Firestore rules: members read what their org owns, create and change it within limits, and nobody else sees anything.
import { camelCase, pascalCase, singular } from '../../subject.ts';
import type { Commission } from './commission.ts';

const collection = (many: string) => {
  const noun = camelCase(singular(many));
  const check = `isValid${pascalCase(noun)}`;
  return `
      function ${check}() {
        let fields = request.resource.data;
        return fields.keys().hasAll(['title', 'state', 'createdAt'])
          && fields.title is string && fields.title.size() > 0 && fields.title.size() <= 200
          && fields.state in ['pending', 'ready', 'failed'];
      }

      match /${many}/{${noun}Id} {
        allow read: if isMember(org);
        allow create: if isMember(org) && ${check}() && request.resource.data.createdAt == request.time;
        allow update: if isMember(org) && ${check}() && request.resource.data.createdAt == resource.data.createdAt;
        allow delete: if isOperator(org);
      }`;
};

export const securityRules = ({ subject }: Commission): string => `rules_version = '2';

// ${subject.title.replaceAll(/\s+/g, ' ')}
service cloud.firestore {
  match /databases/{database}/documents {
    function isMember(org) {
      return request.auth != null && request.auth.token.org == org;
    }

    function isOperator(org) {
      return isMember(org) && request.auth.token.role == 'operator';
    }

    match /orgs/{org} {
      allow get: if isMember(org);
${subject.resources.map(collection).join('\n')}
    }
  }
}
`;
