// The accounts, in memory and in the form of the Firebase CLI's auth_export/accounts.json.
import { z } from 'zod';

const email = z.email().transform((address) => address.toLowerCase());

export const authAccount = z.object({
  localId: z.string().min(1).max(128),
  email: email.optional(),
  emailVerified: z.boolean().default(false),
  displayName: z.string().optional(),
  photoUrl: z.string().optional(),
  phoneNumber: z.string().optional(),
  disabled: z.boolean().default(false),
  /** `fakeHash:salt=<salt>:password=<password>`, as the official emulator keeps it. */
  passwordHash: z.string().optional(),
  salt: z.string().optional(),
  /** Milliseconds since the epoch. */
  passwordUpdatedAt: z.number().optional(),
  /** The custom claims, as JSON text. */
  customAttributes: z.string().optional(),
  /** Seconds since the epoch, in digits: tokens of an earlier sign-in are revoked. */
  validSince: z.string().optional(),
  /** Milliseconds since the epoch, in digits; so is the next. */
  createdAt: z.string(),
  lastLoginAt: z.string().optional(),
});
export type AuthAccount = z.infer<typeof authAccount>;

export const accountsFile = z.object({
  kind: z.literal('identitytoolkit#DownloadAccountResponse'),
  users: z.array(authAccount),
});

/** Hashes like the official emulator, which hides nothing: local passwords are no secrets. */
export const fakeHash = (password: string, salt: string) => `fakeHash:salt=${salt}:password=${password}`;

/** The sign-in methods that an account has, as the API tells them. */
export const providersOf = ({ email: address, passwordHash, phoneNumber, displayName, photoUrl }: AuthAccount) => [
  ...(address && passwordHash
    ? [{ providerId: 'password', email: address, federatedId: address, rawId: address, displayName, photoUrl }]
    : []),
  ...(phoneNumber ? [{ providerId: 'phone', phoneNumber, rawId: phoneNumber }] : []),
];

export class AccountStore {
  readonly #byId = new Map<string, AuthAccount>();
  readonly #idByEmail = new Map<string, string>();

  constructor(accounts: readonly AuthAccount[]) {
    for (const account of accounts) this.save(account);
  }

  find(localId: string): AuthAccount | undefined {
    return this.#byId.get(localId);
  }

  findByEmail(address: string): AuthAccount | undefined {
    const localId = this.#idByEmail.get(address.toLowerCase());
    return localId === undefined ? undefined : this.#byId.get(localId);
  }

  findByPhone(phoneNumber: string): AuthAccount | undefined {
    return this.all().find((account) => account.phoneNumber === phoneNumber);
  }

  /** All accounts, ordered by id. */
  all(): AuthAccount[] {
    return [...this.#byId.values()].sort((a, b) => (a.localId < b.localId ? -1 : 1));
  }

  /** Adds the account, or replaces the one with the same id. */
  save(account: AuthAccount): AuthAccount {
    this.remove(account.localId);
    this.#byId.set(account.localId, account);
    if (account.email) this.#idByEmail.set(account.email, account.localId);
    return account;
  }

  remove(localId: string): void {
    const address = this.#byId.get(localId)?.email;
    if (address) this.#idByEmail.delete(address);
    this.#byId.delete(localId);
  }

  clear(): void {
    this.#byId.clear();
    this.#idByEmail.clear();
  }
}
