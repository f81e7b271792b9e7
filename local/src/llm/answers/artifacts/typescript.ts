// A module of Cloud Functions: one that takes requests, one that follows up on what was stored.
import { pascalCase, singular } from '../../subject.ts';
import type { Commission } from './commission.ts';

export const typescript = ({ subject }: Commission): string => {
  const [many, part = 'summary'] = subject.resources;
  const noun = singular(many);
  const one = pascalCase(noun);
  return `// ${subject.title.replaceAll(/\s+/g, ' ')}
import { initializeApp } from 'firebase-admin/app';
import { FieldValue, getFirestore } from 'firebase-admin/firestore';
import { logger } from 'firebase-functions';
import { onDocumentCreated } from 'firebase-functions/v2/firestore';
import { HttpsError, onCall } from 'firebase-functions/v2/https';

initializeApp();

const MAX_TITLE_LENGTH = 200;

interface New${one} {
  readonly title: string;
}

const isNew${one} = (data: unknown): data is New${one} =>
  typeof data === 'object' &&
  data !== null &&
  'title' in data &&
  typeof data.title === 'string' &&
  data.title.length > 0 &&
  data.title.length <= MAX_TITLE_LENGTH;

/** Stores a ${noun} of the caller's org and returns its id. */
export const create${one} = onCall({ memory: '256MiB', timeoutSeconds: 60 }, async ({ auth, data }) => {
  const org: unknown = auth?.token['org'];
  if (typeof org !== 'string') throw new HttpsError('unauthenticated', 'Sign in as a member of an org.');
  if (!isNew${one}(data)) throw new HttpsError('invalid-argument', 'A title of 1 to 200 characters is needed.');
  const reference = getFirestore().collection(\`orgs/\${org}/${many}\`).doc();
  await reference.create({ title: data.title, state: 'pending', createdAt: FieldValue.serverTimestamp() });
  return { id: reference.id };
});

/** Adds the ${part} to a new ${noun}. A repeated delivery writes the same again. */
export const process${one} = onDocumentCreated(
  { document: 'orgs/{org}/${many}/{${noun}Id}', retry: true },
  async ({ data, params }) => {
    if (!data) return;
    const title: unknown = data.get('title');
    const words = typeof title === 'string' ? title.split(/\\s+/).length : 0;
    await data.ref.update({ state: 'ready', ${part}: { words } });
    logger.info('${noun} processed', { org: params.org, words });
  },
);
`;
};
