// Creating, reading, changing and deleting accounts: by their owners with an ID token, or by firebase-admin.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { providersOf, type AuthAccount } from './accounts.ts';
import { checkedClaims, checkedEmail, checkedPhone, passwordFields } from './credentials.ts';
import { check } from './errors.ts';
import type { AuthState, Call, Operation } from './operations.ts';
import { bearer, newAccount, signIn } from './sessions.ts';

const signUpRequest = z.object({
  idToken: z.string().optional(),
  localId: z.string().min(1).max(128).optional(),
  email: z.string().optional(),
  password: z.string().optional(),
  displayName: z.string().optional(),
  photoUrl: z.string().optional(),
  phoneNumber: z.string().optional(),
  emailVerified: z.boolean().optional(),
  disabled: z.boolean().optional(),
});
type SignUpRequest = z.infer<typeof signUpRequest>;

/** A client's sign-up: with e-mail and password, anonymous, or adding e-mail and password to the account of `idToken`. */
const signUpAsClient: Operation = (state, { body, now }) => {
  const request = signUpRequest.parse(body);
  check(!request.localId, 'UNEXPECTED_PARAMETER : User ID');
  const known = request.idToken === undefined ? undefined : bearer(state, request.idToken, now).account;
  const wantsPassword = [request.idToken, request.email, request.password].some((field) => field !== undefined);
  if (wantsPassword) {
    check(request.email, 'MISSING_EMAIL');
    check(request.password, 'MISSING_PASSWORD');
  }
  const { email, password, displayName } = request;
  const account = known ?? newAccount(randomId(), now);
  const saved = state.accounts.save({ ...account, ...changes(state, account, { email, password, displayName }, now) });
  return {
    ...created(saved),
    ...signIn(state, saved, { provider: wantsPassword ? 'password' : 'anonymous', claims: {} }, now),
  };
};

const signUpAsAdmin: Operation = (state, { body, now }) => {
  const request = signUpRequest.parse(body);
  check(!request.localId || !state.accounts.find(request.localId), 'DUPLICATE_LOCAL_ID');
  const account = newAccount(request.localId ?? randomId(), now);
  return created(state.accounts.save({ ...account, ...changes(state, account, request, now) }));
};

export const signUp: Operation = (state, call) => (call.privileged ? signUpAsAdmin : signUpAsClient)(state, call);

const created = ({ localId, email, displayName }: AuthAccount) => ({
  kind: 'identitytoolkit#SignupNewUserResponse',
  localId,
  email,
  displayName,
});

// As long as the ids of production.
const randomId = () => randomBytes(21).toString('base64url');

type Changes = Omit<SignUpRequest, 'idToken' | 'localId'>;

/** What a request changes of an account, checked. */
const changes = (state: AuthState, { localId }: AuthAccount, request: Changes, now: Date): Partial<AuthAccount> => {
  const { email, password, phoneNumber, displayName, photoUrl, emailVerified, disabled } = request;
  return {
    ...(email !== undefined && { email: checkedEmail(state, localId, email), emailVerified: false }),
    ...(emailVerified !== undefined && { emailVerified }),
    ...(phoneNumber !== undefined && { phoneNumber: checkedPhone(state, localId, phoneNumber) }),
    ...(password !== undefined && passwordFields(password, now)),
    ...(displayName !== undefined && { displayName }),
    ...(photoUrl !== undefined && { photoUrl }),
    ...(disabled !== undefined && { disabled }),
  };
};

const texts = z.array(z.string()).default([]);
const lookupRequest = z.object({ idToken: z.string().optional(), localId: texts, email: texts, phoneNumber: texts });

export const lookup: Operation = (state, { body, privileged, now }) => {
  const request = lookupRequest.parse(body);
  const users = privileged ? found(state, request).map(view) : [ownView(state, request.idToken, now)];
  // firebase-admin takes an empty list for a found user.
  return { kind: 'identitytoolkit#GetAccountInfoResponse', ...(users.length > 0 && { users }) };
};

const found = ({ accounts }: AuthState, request: z.infer<typeof lookupRequest>): AuthAccount[] => {
  const all = [
    ...request.localId.map((id) => accounts.find(id)),
    ...request.email.map((address) => accounts.findByEmail(address)),
    ...request.phoneNumber.map((number) => accounts.findByPhone(number)),
  ];
  return [...new Set(all.filter((account) => account !== undefined))];
};

const ownView = (state: AuthState, token: string | undefined, now: Date) => {
  check(token, 'MISSING_ID_TOKEN');
  const { passwordHash: _hash, salt: _salt, ...visible } = view(bearer(state, token, now).account);
  return visible;
};

const view = (account: AuthAccount) => ({ ...account, providerUserInfo: providersOf(account) });

const updateRequest = signUpRequest.omit({ disabled: true }).extend({
  disableUser: z.boolean().optional(),
  customAttributes: z.string().optional(),
  validSince: z.coerce.string().regex(/^\d+$/).optional(),
  deleteAttribute: z.array(z.enum(['DISPLAY_NAME', 'PHOTO_URL'])).default([]),
  deleteProvider: z.array(z.literal('phone')).default([]),
});
type UpdateRequest = z.infer<typeof updateRequest>;

export const update: Operation = (state, { body, privileged, now }) => {
  const request = updateRequest.parse(body);
  const owner = privileged ? undefined : ownerOf(state, request.idToken, now);
  const account = owner?.account ?? adminTarget(state, request.localId);
  const saved = state.accounts.save({
    ...without(account, request),
    ...changes(state, account, owner ? ownChanges(request) : { ...request, disabled: request.disableUser }, now),
    ...(privileged && adminChanges(request)),
  });
  const { passwordHash: _hash, salt: _salt, ...visible } = view(saved);
  const tokens = owner && signIn(state, saved, owner.session, now);
  return { kind: 'identitytoolkit#SetAccountInfoResponse', ...visible, ...tokens };
};

const ownerOf = (state: AuthState, token: string | undefined, now: Date) => {
  check(token, 'MISSING_ID_TOKEN');
  return bearer(state, token, now);
};

const adminTarget = (state: AuthState, localId: string | undefined): AuthAccount => {
  check(localId, 'MISSING_LOCAL_ID');
  const account = state.accounts.find(localId);
  check(account, 'USER_NOT_FOUND');
  return account;
};

/** What the owner may change without firebase-admin. */
const ownChanges = ({ email, password, displayName, photoUrl }: UpdateRequest): Changes => ({
  email,
  password,
  displayName,
  photoUrl,
});

const adminChanges = ({ customAttributes, validSince }: UpdateRequest): Partial<AuthAccount> => ({
  ...(customAttributes !== undefined && { customAttributes: checkedClaims(customAttributes) }),
  ...(validSince !== undefined && { validSince }),
});

const without = (account: AuthAccount, { deleteAttribute, deleteProvider }: UpdateRequest): AuthAccount => {
  const { displayName, photoUrl, phoneNumber, ...rest } = account;
  return {
    ...rest,
    ...(displayName !== undefined && !deleteAttribute.includes('DISPLAY_NAME') && { displayName }),
    ...(photoUrl !== undefined && !deleteAttribute.includes('PHOTO_URL') && { photoUrl }),
    ...(phoneNumber !== undefined && !deleteProvider.includes('phone') && { phoneNumber }),
  };
};

const removeRequest = z.object({ idToken: z.string().optional(), localId: z.string().optional() });

export const remove: Operation = (state, { body, privileged, now }) => {
  const { idToken, localId } = removeRequest.parse(body);
  const { localId: target } = privileged ? adminTarget(state, localId) : ownerOf(state, idToken, now).account;
  state.accounts.remove(target);
  return { kind: 'identitytoolkit#DeleteAccountResponse' };
};

const removeManyRequest = z.object({ localIds: z.array(z.string()), force: z.boolean().default(false) });

/** Deletes the accounts that exist; without `force`, one that is not disabled is an error of its own row. */
export const removeMany: Operation = (state, { body }) => {
  const { localIds, force } = removeManyRequest.parse(body);
  const errors = localIds.flatMap((localId, index) => {
    const account = state.accounts.find(localId);
    if (account && !force && !account.disabled) return [{ index, localId, message: 'NOT_DISABLED' }];
    state.accounts.remove(localId);
    return [];
  });
  return errors.length > 0 ? { errors } : {};
};

const pageRequest = z.object({
  maxResults: z.coerce.number().int().min(1).max(1000).default(20),
  nextPageToken: z.string().optional(),
});

/** One page of all accounts, ordered by id; the page token is the last id of the page before. */
export const list: Operation = (state, { body }: Call) => {
  const { maxResults, nextPageToken } = pageRequest.parse(body);
  const rest = state.accounts.all().filter(({ localId }) => nextPageToken === undefined || localId > nextPageToken);
  const page = rest.slice(0, maxResults);
  return {
    kind: 'identitytoolkit#DownloadAccountResponse',
    users: page.map(view),
    ...(rest.length > page.length && { nextPageToken: page.at(-1)?.localId }),
  };
};
