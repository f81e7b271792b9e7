// Runs before each suite, in its worker. The emulators serve any number of projects: with one of its own, no suite is swept,
// recovered or counted by another.
import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';

process.env['GCLOUD_PROJECT'] = `demo-${randomBytes(8).toString('hex')}`;

// A suite's first commit waits for the connection, and shares the machine with the others.
jest.setTimeout(30_000);
