// Fields of an account that must be checked before they are taken over: e-mail, phone number, password, custom claims.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { fakeHash, type AuthAccount } from './accounts.ts';
import { check } from './errors.ts';
import type { AuthState } from './operations.ts';
import { secondsOf } from './tokens.ts';

const passwordMinChars = 6;
const claimsMaxChars = 1000;

// Names that OpenID Connect or Firebase give a meaning of their own.
const reservedClaims =
  'acr amr at_hash aud auth_time azp cnf c_hash exp firebase iat iss jti nbf nonce sub user_id'.split(' ');

/** The address in the form in which accounts are found by it; refuses one that another account has. */
export const checkedEmail = (state: AuthState, localId: string, email: string): string => {
  check(z.email().safeParse(email).success, 'INVALID_EMAIL');
  const holder = state.accounts.findByEmail(email);
  check(!holder || holder.localId === localId, 'EMAIL_EXISTS');
  return email.toLowerCase();
};

/** The number, which must be in E.164 form; refuses one that another account has. */
export const checkedPhone = (state: AuthState, localId: string, phoneNumber: string): string => {
  check(/^\+[1-9]\d{6,14}$/.test(phoneNumber), 'INVALID_PHONE_NUMBER : Invalid format.');
  const holder = state.accounts.findByPhone(phoneNumber);
  check(!holder || holder.localId === localId, 'PHONE_NUMBER_EXISTS');
  return phoneNumber;
};

/** The fields that a new password sets; it ends all earlier sessions. */
export const passwordFields = (password: string, now: Date) => {
  const isStrong = password.length >= passwordMinChars;
  check(isStrong, `WEAK_PASSWORD : Password should be at least ${passwordMinChars} characters`);
  const salt = `fakeSalt${randomBytes(10).toString('hex')}`;
  return {
    salt,
    passwordHash: fakeHash(password, salt),
    passwordUpdatedAt: now.getTime(),
    validSince: String(secondsOf(now)),
  } satisfies Partial<AuthAccount>;
};

/** Refuses custom claims that production would refuse. */
export const checkedClaims = (text: string): string => {
  check(text.length <= claimsMaxChars, 'CLAIMS_TOO_LARGE');
  const claims = claimsOf(text);
  check(claims, 'INVALID_CLAIMS');
  const forbidden = reservedClaims.find((name) => name in claims);
  check(forbidden === undefined, `FORBIDDEN_CLAIM : ${forbidden}`);
  return text;
};

const claimsOf = (text: string): Record<string, unknown> | undefined => {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
