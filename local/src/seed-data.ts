// The data that a local start begins with: emulator-data, in the layout that the Firebase CLI exports and imports.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { accountsFile, type AuthAccount } from './auth/index.ts';

export interface SeedData {
  /** The Firestore export's metadata file; absent when there is no export. */
  readonly firestoreExport?: string;
  readonly accounts: readonly AuthAccount[];
}

export const noSeedData: SeedData = { accounts: [] };

/** Reads what `directory` holds. Throws ZodError when the accounts do not fit. */
export const readSeedData = async (directory: string): Promise<SeedData> => {
  const firestoreExport = path.join(directory, 'firestore_export', 'firestore_export.overall_export_metadata');
  const accounts = path.join(directory, 'auth_export', 'accounts.json');
  return {
    ...(existsSync(firestoreExport) ? { firestoreExport } : {}),
    accounts: existsSync(accounts) ? accountsFile.parse(JSON.parse(await readFile(accounts, 'utf8'))).users : [],
  };
};
