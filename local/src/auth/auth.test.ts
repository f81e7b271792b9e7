// The stand-in is proved with the real SDKs: what they accept is what matters.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { deleteApp as deleteAdminApp, initializeApp as initializeAdminApp, type App } from 'firebase-admin/app';
import { getAuth as getAdminAuth, type Auth as AdminAuth } from 'firebase-admin/auth';
import { deleteApp, initializeApp, type FirebaseApp } from 'firebase/app';
import {
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  deleteUser,
  getAuth,
  linkWithCredential,
  EmailAuthProvider,
  signInAnonymously,
  signInWithCustomToken,
  signInWithEmailAndPassword,
  updatePassword,
  updateProfile,
  type Auth,
} from 'firebase/auth';
import { PortBusyError } from '../errors.ts';
import { fakeHash, startAuth, type AuthAccount, type AuthServer } from './index.ts';

const host = '127.0.0.1';
const projectId = 'demo-auth';

const operator: AuthAccount = {
  localId: 'operator-1',
  email: 'operator@demo.example',
  emailVerified: true,
  disabled: false,
  salt: 'salt',
  passwordHash: fakeHash('local-only', 'salt'),
  customAttributes: JSON.stringify({ org: 'demo', role: 'operator' }),
  createdAt: '0',
  validSince: '0',
};

let server: AuthServer;
let adminApp: App;
let admin: AdminAuth;
let clientApp: FirebaseApp;
let client: Auth;

beforeAll(async () => {
  server = await startAuth({ host, port: 0, projectId, accounts: [operator] });
  process.env['FIREBASE_AUTH_EMULATOR_HOST'] = `${host}:${server.port}`;
  adminApp = initializeAdminApp({ projectId });
  admin = getAdminAuth(adminApp);
});

beforeEach(() => {
  clientApp = initializeApp({ apiKey: 'any', projectId });
  client = getAuth(clientApp);
  connectAuthEmulator(client, `http://${host}:${server.port}`, { disableWarnings: true });
});

afterEach(() => deleteApp(clientApp));

afterAll(async () => {
  await deleteAdminApp(adminApp);
  await server.stop();
});

const failure = (code: string) => expect.objectContaining({ code });

let count = 0;
const freshEmail = () => `person-${++count}@demo.example`;

describe('signing in with the client SDK', () => {
  test('gives a token that verifyIdToken accepts, with the custom claims of the account', async () => {
    const { user } = await signInWithEmailAndPassword(client, 'Operator@demo.example', 'local-only');
    const token = await admin.verifyIdToken(await user.getIdToken());
    expect(token).toMatchObject({
      uid: 'operator-1',
      org: 'demo',
      role: 'operator',
      email: 'operator@demo.example',
      email_verified: true,
      iss: `https://securetoken.google.com/${projectId}`,
      aud: projectId,
      firebase: { sign_in_provider: 'password', identities: { email: ['operator@demo.example'] } },
    });
    expect(user.emailVerified).toBe(true);
  });

  test.each([
    ['an unknown address', 'nobody@demo.example', 'local-only', 'auth/user-not-found'],
    ['a wrong password', 'operator@demo.example', 'wrong-one', 'auth/wrong-password'],
    ['something that is no address', 'operator', 'local-only', 'auth/invalid-email'],
    ['no password', 'operator@demo.example', '', 'auth/missing-password'],
  ])('refuses %s', async (_what, email, password, code) => {
    await expect(signInWithEmailAndPassword(client, email, password)).rejects.toEqual(failure(code));
  });

  test('with a custom token creates the account and carries the claims of the token over refreshes', async () => {
    const custom = await admin.createCustomToken('from-custom', { org: 'demo', role: 'agent' });
    const { user } = await signInWithCustomToken(client, custom);
    const refreshed = await admin.verifyIdToken(await user.getIdToken(true));
    expect(refreshed).toMatchObject({ uid: 'from-custom', org: 'demo', role: 'agent' });
    await expect(admin.getUser('from-custom')).resolves.toMatchObject({ uid: 'from-custom', disabled: false });
  });

  test('refuses a custom token that was not made for Identity Toolkit', async () => {
    await expect(signInWithCustomToken(client, server.tokenFor('operator-1'))).rejects.toEqual(
      failure('auth/invalid-custom-token'),
    );
  });

  test('anonymously, then adding a password, keeps the account', async () => {
    const { user } = await signInAnonymously(client);
    const anonymous = await admin.verifyIdToken(await user.getIdToken());
    expect(anonymous.firebase.sign_in_provider).toBe('anonymous');
    const email = freshEmail();
    await linkWithCredential(user, EmailAuthProvider.credential(email, 'secret-1'));
    const again = await signInWithEmailAndPassword(client, email, 'secret-1');
    expect(again.user.uid).toBe(user.uid);
  });
});

describe('signing up with the client SDK', () => {
  test('makes an account that can sign in, and that no one can make again', async () => {
    const email = freshEmail();
    const { user } = await createUserWithEmailAndPassword(client, email, 'secret-1');
    await expect(admin.getUserByEmail(email)).resolves.toMatchObject({ uid: user.uid, emailVerified: false });
    await expect(createUserWithEmailAndPassword(client, email, 'secret-2')).rejects.toEqual(
      failure('auth/email-already-in-use'),
    );
  });

  test('refuses a password of fewer than six characters', async () => {
    await expect(createUserWithEmailAndPassword(client, freshEmail(), 'short')).rejects.toEqual(
      failure('auth/weak-password'),
    );
  });

  test('lets the owner change the profile and the password, and delete the account', async () => {
    const email = freshEmail();
    const { user } = await createUserWithEmailAndPassword(client, email, 'secret-1');
    await updateProfile(user, { displayName: 'Ada' });
    await updatePassword(user, 'secret-2');
    await expect(signInWithEmailAndPassword(client, email, 'secret-1')).rejects.toEqual(failure('auth/wrong-password'));
    const again = await signInWithEmailAndPassword(client, email, 'secret-2');
    expect(again.user.displayName).toBe('Ada');
    await deleteUser(again.user);
    await expect(admin.getUserByEmail(email)).rejects.toEqual(failure('auth/user-not-found'));
  });
});

describe('managing accounts with firebase-admin', () => {
  test('claims set by setCustomUserClaims are in the next token of a running session', async () => {
    const { user } = await createUserWithEmailAndPassword(client, freshEmail(), 'secret-1');
    await admin.setCustomUserClaims(user.uid, { org: 'demo', role: 'member' });
    const { claims } = await user.getIdTokenResult(true);
    expect(claims).toMatchObject({ org: 'demo', role: 'member' });
  });

  test('creates, reads, changes and deletes an account', async () => {
    const email = freshEmail();
    const created = await admin.createUser({ uid: `u${++count}`, email, password: 'secret-1', emailVerified: true });
    await admin.updateUser(created.uid, { displayName: 'Grace', phoneNumber: '+15550001111' });
    const [read] = (await admin.getUsers([{ phoneNumber: '+15550001111' }])).users;
    expect(read).toMatchObject({ uid: created.uid, displayName: 'Grace', emailVerified: true });
    expect(read?.providerData.map(({ providerId }) => providerId)).toEqual(['password', 'phone']);
    await admin.updateUser(created.uid, { displayName: null, phoneNumber: null });
    const cleared = await admin.getUser(created.uid);
    expect([cleared.displayName, cleared.phoneNumber]).toEqual([undefined, undefined]);
    await admin.deleteUser(created.uid);
    await expect(admin.getUser(created.uid)).rejects.toEqual(failure('auth/user-not-found'));
  });

  test.each([
    ['an id', { uid: 'operator-1' }, 'auth/uid-already-exists'],
    ['an address', { email: 'operator@demo.example' }, 'auth/email-already-exists'],
  ])('refuses to create a second account with %s that is taken', async (_what, properties, code) => {
    await expect(admin.createUser(properties)).rejects.toEqual(failure(code));
  });

  test('lists every account once, over pages', async () => {
    const uids = await Promise.all([1, 2, 3].map(async () => (await admin.createUser({ email: freshEmail() })).uid));
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await admin.listUsers(2, pageToken);
      seen.push(...page.users.map(({ uid }) => uid));
      pageToken = page.pageToken;
    } while (pageToken);
    expect(seen).toEqual(expect.arrayContaining([...uids, 'operator-1']));
    expect(new Set(seen).size).toBe(seen.length);
    const { successCount, errors } = await admin.deleteUsers(uids);
    expect({ successCount, errors }).toEqual({ successCount: 3, errors: [] });
  });

  test('a disabled account can neither sign in nor use its token', async () => {
    const email = freshEmail();
    const { user } = await createUserWithEmailAndPassword(client, email, 'secret-1');
    const token = await user.getIdToken();
    await admin.updateUser(user.uid, { disabled: true });
    await expect(admin.verifyIdToken(token)).rejects.toEqual(failure('auth/user-disabled'));
    await expect(signInWithEmailAndPassword(client, email, 'secret-1')).rejects.toEqual(failure('auth/user-disabled'));
    await expect(user.getIdToken(true)).rejects.toEqual(failure('auth/user-disabled'));
  });

  test('answers another project like one that does not exist', async () => {
    const other = initializeAdminApp({ projectId: 'demo-other' }, 'other');
    await expect(getAdminAuth(other).getUser('operator-1')).rejects.toEqual(failure('auth/project-not-found'));
    await deleteAdminApp(other);
  });
});

describe('tokens without a sign-in', () => {
  test('tokenFor gives what signing in would give', async () => {
    const token = await admin.verifyIdToken(server.tokenFor('operator-1'));
    expect(token).toMatchObject({ uid: 'operator-1', org: 'demo', role: 'operator' });
    expect(() => server.tokenFor('nobody')).toThrow('There is no account nobody.');
  });

  test('tokenOf gives any claims to any account', async () => {
    const token = await admin.verifyIdToken(server.tokenOf({ sub: 'anyone', org: 'other', role: 'member' }));
    expect(token).toMatchObject({ uid: 'anyone', org: 'other', role: 'member' });
    const fresh = await Promise.all([1, 2].map(() => admin.verifyIdToken(server.tokenOf({ org: 'demo' }))));
    expect(fresh[0]?.uid).not.toBe(fresh[1]?.uid);
  });
});

describe('the HTTP interface', () => {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`http://${host}:${server.port}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

  test('keeps account management from callers without an admin credential', async () => {
    const path = `/identitytoolkit.googleapis.com/v1/projects/${projectId}/accounts:update`;
    expect((await post(path, { localId: 'operator-1', disableUser: true })).status).toBe(401);
    const own = await post('/identitytoolkit.googleapis.com/v1/accounts:update', {
      idToken: server.tokenFor('operator-1'),
      customAttributes: '{"role":"main-coordinator"}',
    });
    expect(own.status).toBe(200);
    expect((await admin.getUser('operator-1')).customClaims).toEqual({ org: 'demo', role: 'operator' });
  });

  test('refuses claims that production refuses', async () => {
    const path = `/identitytoolkit.googleapis.com/v1/projects/${projectId}/accounts:update`;
    const set = async (customAttributes: string) => {
      const response = await post(path, { localId: 'operator-1', customAttributes }, { authorization: 'Bearer owner' });
      return response.json();
    };
    await expect(set('{"sub":"x"}')).resolves.toMatchObject({ error: { code: 400, message: 'FORBIDDEN_CLAIM : sub' } });
    await expect(set('[]')).resolves.toMatchObject({ error: { message: 'INVALID_CLAIMS' } });
    await expect(set(JSON.stringify({ text: 'x'.repeat(1000) }))).resolves.toMatchObject({
      error: { message: 'CLAIMS_TOO_LARGE' },
    });
  });

  test('says what it lacks', async () => {
    const response = await post('/identitytoolkit.googleapis.com/v1/accounts:sendOobCode', {});
    expect(response.status).toBe(404);
    await expect(response.json()).resolves.toMatchObject({
      error: { message: 'NOT_FOUND : This stand-in has no accounts:sendOobCode.' },
    });
  });

  test('names the field of a body that does not fit', async () => {
    const response = await post('/identitytoolkit.googleapis.com/v1/accounts:signUp', { email: 7 });
    expect(response.status).toBe(400);
    await expect(response.json()).resolves.toMatchObject({ error: { message: expect.stringContaining('email') } });
  });

  test('lets web pages of any origin call it', async () => {
    const response = await fetch(`http://${host}:${server.port}/identitytoolkit.googleapis.com/v1/accounts:signUp`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-headers': 'x-client-version' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toBe('x-client-version');
  });

  test('forgets all accounts when told to, as the official emulator does', async () => {
    const other = await startAuth({ host, port: 0, projectId, accounts: [operator] });
    const path = `/emulator/v1/projects/${projectId}/accounts`;
    expect((await fetch(`http://${host}:${other.port}${path}`, { method: 'DELETE' })).status).toBe(200);
    expect(() => other.tokenFor('operator-1')).toThrow('There is no account operator-1.');
    await other.stop();
  });

  test('a second server on the same port is told that it is busy', async () => {
    await expect(startAuth({ host, port: server.port, projectId, accounts: [] })).rejects.toThrow(PortBusyError);
  });
});
