// Where each part of the suite listens.
import { choosePort } from './emulators/index.ts';

const standard = { functions: 5001, firestore: 8080, auth: 9099, pubsub: 8085, llm: 5080 } as const;

export type Part = keyof typeof standard;
export const parts = Object.keys(standard) as readonly Part[];

export const portFlag = (part: Part): string => `--port-${part}`;

/**
 * A port for each part: the wished one, which must be free (0 means any), else the standard one or, when that is taken,
 * another. Throws PortBusyError.
 */
export const choosePorts = async (
  host: string,
  wishes: Readonly<Partial<Record<Part, number>>>,
): Promise<Record<Part, number>> => {
  const chosen: Partial<Record<Part, number>> = {};
  for (const part of parts) {
    const preferred = wishes[part] ?? standard[part];
    chosen[part] = await choosePort({ host, preferred, explicit: Boolean(wishes[part]), flag: portFlag(part) });
  }
  return chosen as Record<Part, number>;
};
