// Firebase ID tokens that the real verification accepts in its production mode: signed with keys of our own, which the SDK gets
// from its usual address, only that the connection ends at a server here. Nothing leaves the machine.
import { createHmac, createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { deleteApp, initializeApp } from 'firebase-admin/app';

const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');

export interface TokenIssuer {
  /** A well-signed token; the arguments replace the standard claims and headers. */
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): string;
  /** The same content without a signature, as the Auth emulator makes it. */
  unsigned(claims?: Record<string, unknown>): string;
  /** The same content, signed with the public key as if it were a shared secret. */
  confused(claims?: Record<string, unknown>): string;
  /** The same content, signed by someone else under our key's name. */
  forged(claims?: Record<string, unknown>): string;
  /** How often the keys were asked for. The SDK keeps them after the first answer. */
  keyRequests(): number;
  /** Lets the key server fail, or work again. */
  setOutage(outage: boolean): void;
  stop(): Promise<void>;
}

/** Starts the key server and makes the default Firebase app of `projectId`: once per test file, as the service keeps its app. */
export const startTokenIssuer = async (projectId: string): Promise<TokenIssuer> => {
  const kid = randomUUID();
  const own = rsaKey();
  const stranger = rsaKey();
  let requests = 0;
  let outage = false;
  const server = createServer((_, response) => {
    requests += 1;
    response.writeHead(outage ? 500 : 200, { 'content-type': 'application/json', 'cache-control': 'max-age=3600' });
    response.end(JSON.stringify(outage ? { error: 'out of order' } : { [kid]: own.publicKey }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent();
  agent.createConnection = () => connect(port, '127.0.0.1');
  const app = initializeApp({ projectId, httpAgent: agent });

  const payload = (claims: Record<string, unknown> = {}) => {
    const seconds = Math.floor(Date.now() / 1_000);
    const standard = {
      iss: `https://securetoken.google.com/${projectId}`,
      aud: projectId,
      auth_time: seconds,
      iat: seconds,
      exp: seconds + 3_600,
      sub: 'user-1',
    };
    return encode({ ...standard, ...claims });
  };
  const rsa = (content: string, key: string) =>
    `${content}.${createSign('RSA-SHA256').update(content).sign(key, 'base64url')}`;
  const head = (header: Record<string, unknown> = {}) => encode({ alg: 'RS256', typ: 'JWT', kid, ...header });

  return {
    sign: (claims, header) => rsa(`${head(header)}.${payload(claims)}`, own.privateKey),
    unsigned: (claims) => `${encode({ alg: 'none', typ: 'JWT' })}.${payload(claims)}.`,
    confused: (claims) => {
      const content = `${head({ alg: 'HS256' })}.${payload(claims)}`;
      return `${content}.${createHmac('sha256', own.publicKey).update(content).digest('base64url')}`;
    },
    forged: (claims) => rsa(`${head()}.${payload(claims)}`, stranger.privateKey),
    keyRequests: () => requests,
    setOutage: (wanted) => {
      outage = wanted;
    },
    stop: async () => {
      await deleteApp(app);
      agent.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};

const rsaKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
