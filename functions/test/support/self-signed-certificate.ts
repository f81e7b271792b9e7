// A certificate for `localhost`, made anew: a committed key would look like a leak, and a committed certificate would expire.
// X.509 v3 by hand (RFC 5280), as far as TLS needs it.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const tagged = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128 ? [content.length] : [0x82, Math.floor(content.length / 256), content.length % 256];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
};
const sequence = (...parts: Buffer[]) => tagged(0x30, ...parts);
const set = (...parts: Buffer[]) => tagged(0x31, ...parts);
const objectId = (hex: string) => tagged(0x06, Buffer.from(hex, 'hex'));
const bits = (content: Buffer) => tagged(0x03, Buffer.from([0]), content);
const generalizedTime = (year: number) => tagged(0x18, Buffer.from(`${year}0101000000Z`));

const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'));
const commonName = objectId('550403');
const subjectAltName = objectId('551d11');
const name = sequence(set(sequence(commonName, tagged(0x0c, Buffer.from('localhost')))));
const alternativeNames = sequence(tagged(0x82, Buffer.from('localhost')));

/** A key and a certificate that vouches for itself, both as PEM. */
export const selfSignedCertificate = (): { key: string; cert: string } => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const version3 = tagged(0xa0, tagged(0x02, Buffer.from([2])));
  const serial = tagged(0x02, Buffer.from([1]), randomBytes(8));
  const year = new Date().getFullYear();
  const content = sequence(
    version3,
    serial,
    ecdsaWithSha256,
    name,
    sequence(generalizedTime(year - 1), generalizedTime(year + 2)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(sequence(subjectAltName, tagged(0x04, alternativeNames)))),
  );
  const der = sequence(content, ecdsaWithSha256, bits(sign('sha256', content, privateKey)));
  const base64 = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}-----END CERTIFICATE-----\n`,
  };
};
