// The key that signs our own messages: made by the first instance that needs it, in a document that no client can read. An instance
// reads it once. Deleting the document makes a new key; until every instance has that one, messages signed by the other key count as
// messages of anybody, which costs reads and nothing else.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AppError, isError } from './errors.ts';
import { commit, firestore, isLostRace, parseOptional, readDocument, storeErrors } from './firestore.ts';
import { isSignedBy, signatureOf, type SignedText } from './message-signature.ts';

const keyBytes = 32;

const messageKey = z.object({ key: z.base64url().min(keyBytes) });

const keyRef = () => firestore().collection('service').doc('messageKey');

let known: Promise<string> | undefined;

const currentKey = (): Promise<string> =>
  (known ??= readOrMake().catch((error: unknown) => {
    known = undefined;
    throw error;
  }));

const readOrMake = async (): Promise<string> => (await storedKey()) ?? (await makeKey());

const storedKey = async (): Promise<string | undefined> =>
  parseOptional(messageKey, await readDocument(keyRef()))?.value.key;

/** Another instance may be faster; then its key is the key. */
const makeKey = async (): Promise<string> => {
  const key = randomBytes(keyBytes).toString('base64url');
  try {
    await commit((batch) => batch.create(keyRef(), { key }));
    return key;
  } catch (error) {
    if (!isLostRace(error) && !isError(error, storeErrors.outcomeUnknown)) throw error;
    const stored = await storedKey();
    if (stored === undefined) throw new AppError(storeErrors.outcomeUnknown, { cause: error });
    return stored;
  }
};

export const signMessage = async (signed: SignedText): Promise<string> => signatureOf(signed, await currentKey());

/** False, without a read, for a message that carries no signature. */
export const isOwnMessage = async (signed: SignedText, signature: string | undefined): Promise<boolean> =>
  signature !== undefined && isSignedBy(signed, signature, await currentKey());
