// An attestation token: a JWS in compact form (RFC 7515) over the claims of an attestation.
//
// T1. Nothing in a token is believed before its signature is checked; what is read before only finds the key.
// T2. The algorithm is the key's. The header must name that one and nothing that we would have to understand beyond it.
// T3. A token is of one spelling: parts that decode to the same bytes but are written otherwise are refused.
// T4. A token lives for an hour at most and is not issued in the future, a minute of difference between clocks aside.
import { z } from 'zod';
import { errorTexts } from '../../platform/error-texts.ts';
import { AppError, type FieldError } from '../../platform/errors.ts';
import { fieldErrors } from '../../platform/field-errors.ts';
import { jsonOrUndefined } from '../../platform/json.ts';
import { findUnstorable } from '../../platform/storable.ts';
import { governanceErrors } from '../errors.ts';
import { algorithmOf, isSignedBy } from './json-web-key.ts';
import { attestationClaims, attestationKeyId, type AttestationClaims, type PublicJwk } from './schemas.ts';

const maxAgeSeconds = 60 * 60;
const skewSeconds = 60;

const header = z.strictObject({
  alg: z.enum(['EdDSA', 'ES256']),
  kid: attestationKeyId,
  typ: z.literal('JWT').optional(),
});

const parts = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** The id of the key that a token says it was signed with. Throws `governance.attestation_invalid`. */
export const keyNamedBy = (token: string): string => read(token).header.kid;

/** The claims of a token that the key has signed and that is valid now. Throws `governance.attestation_invalid`. */
export const verifyToken = (token: string, jwk: PublicJwk, now: Date): AttestationClaims => {
  const { header, signed, payload, signature } = read(token);
  if (header.alg !== algorithmOf(jwk)) throw invalid(`The key signs with ${algorithmOf(jwk)}, not ${header.alg}.`);
  if (!isSignedBy(jwk, signed, signature)) throw invalid('The signature is not that of the key.');
  const json = jsonOrUndefined(payload.toString('utf8'));
  const unstorable = findUnstorable(json);
  if (unstorable.length > 0) throw unfit(unstorable);
  const claims = attestationClaims.safeParse(json, { error: errorTexts });
  if (!claims.success) throw unfit(fieldErrors(claims.error));
  requireTimely(claims.data, Math.floor(now.getTime() / 1_000));
  return claims.data;
};

const unfit = (errors: readonly FieldError[]) =>
  new AppError(governanceErrors.attestationInvalid, {
    detail: 'The claims do not fit.',
    errors: errors.map(({ pointer, detail }) => ({ pointer: '#/token', detail: `${pointer.slice(1)}: ${detail}` })),
  });

const read = (token: string) => {
  const [, head = '', body = '', mark = ''] = parts.exec(token) ?? [];
  const [decoded, payload, signature] = [decode(head), decode(body), decode(mark)];
  if (!decoded || !payload || !signature) throw invalid('It is not a JWS in compact form.');
  const parsed = header.safeParse(jsonOrUndefined(decoded.toString('utf8')));
  if (!parsed.success) throw invalid('The header must be {alg: EdDSA or ES256, kid: the id of a registered key}.');
  return { header: parsed.data, signed: `${head}.${body}`, payload, signature };
};

/** The bytes, if that is how they are written (T3). */
const decode = (part: string): Buffer | undefined => {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : undefined;
};

const requireTimely = ({ iat, exp }: AttestationClaims, nowSeconds: number): void => {
  if (exp <= iat || exp - iat > maxAgeSeconds) throw invalid('exp must be after iat, by an hour at most.');
  if (iat > nowSeconds + skewSeconds) throw invalid('The token was issued in the future.');
  if (exp <= nowSeconds) throw invalid('The token has expired.');
};

const invalid = (detail: string) =>
  new AppError(governanceErrors.attestationInvalid, { detail, errors: [{ pointer: '#/token', detail }] });
