import { z } from 'zod';
import { role, roles, type Role } from '../../functions/src/platform/schemas.ts';
import type { AuthAccount, AuthServer } from './auth/index.ts';

const claims = z.object({ org: z.string(), role });

/** An ID token for each role in the org: of the seeded account that has it, else of an account made for it. */
export const roleTokens = (
  auth: AuthServer,
  accounts: readonly AuthAccount[],
  org: string,
): Readonly<Record<Role, string>> => {
  const tokenFor = (wanted: Role): string => {
    const account = accounts.find(({ customAttributes }) => {
      const held = claims.safeParse(JSON.parse(customAttributes ?? '{}'));
      return held.success && held.data.org === org && held.data.role === wanted;
    });
    return account ? auth.tokenFor(account.localId) : auth.tokenOf({ sub: `${org}-${wanted}`, org, role: wanted });
  };
  return Object.fromEntries(roles.map((wanted) => [wanted, tokenFor(wanted)])) as Record<Role, string>;
};
