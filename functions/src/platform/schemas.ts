// Schemas that several domains share. A leaf: imports zod only.
import { z } from 'zod';

/** Lower-case letters, digits and dashes: safe in a document path, a URL and a log line. */
export const idPattern = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export const orgId = z.string().regex(idPattern, 'must be 1 to 64 of a-z, 0-9, - and _').brand<'OrgId'>();
export type OrgId = z.infer<typeof orgId>;

/** Where messages are kept that name no org: no tenant has this id. */
export const unroutedOrg = orgId.parse('unrouted');

/** An org that work is done for. */
export const tenantId = orgId.refine((id) => id !== unroutedOrg, 'is reserved');

/** A text of so many UTF-16 code units at most that says something. Space around it is dropped. */
export const filledText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .meta({ pattern: String.raw`\S` });

/** A Firestore Timestamp or a Date or an ISO string, as a Date. */
export const instant = z.preprocess((value) => {
  if (typeof value === 'string') return new Date(value);
  return hasToDate(value) ? value.toDate() : value;
}, z.date());

const hasToDate = (value: unknown): value is { toDate(): Date } =>
  typeof value === 'object' && value !== null && 'toDate' in value && typeof value.toDate === 'function';

/** Integer nano-USD: a bigint in code, an int64 in Firestore, a decimal string in JSON. */
export const nanoUsd = z.union([
  z.bigint(),
  z.int().transform(BigInt),
  z
    .string()
    .regex(/^-?\d{1,19}$/)
    .transform(BigInt),
]);

/**
 * An amount that a caller names, in nano-USD. A million US dollars is the most: nine thousand of them add up to less than an int64
 * holds. What was stored when more was accepted is read by `nanoUsd` or as any string of digits.
 */
export const requestedNanoUsd = z
  .string()
  .regex(
    /^(?:\d{1,15}|10{15})$/,
    'must be a whole number of nano-USD, at most 1000000000000000 (a million US dollars)',
  );

/**
 * A time that a caller names, in the years from 1970 to 8999: whatever is derived from it, a deadline say, is then a time that the
 * database can hold.
 */
export const requestedTime = z.iso
  .datetime({ offset: true, error: 'must be a date and a time with an offset, such as 2026-11-22T12:00:00Z' })
  .regex(/^(?:19[7-9]|[2-8]\d\d)\d-/, 'must be in the years from 1970 to 8999')
  .max(40);

export const roles = ['main-coordinator', 'operator', 'member', 'agent'] as const;
export const role = z.enum(roles);
export type Role = z.infer<typeof role>;
