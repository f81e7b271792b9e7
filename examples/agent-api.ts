// What every external agent does, with nothing but fetch: keep the lease while it works, deliver, and mend what was refused.

export interface Lease {
  readonly token: string;
  readonly epoch: number;
  readonly expiresAt: string;
}

/** The part of a directive that these examples read. */
export interface Directive {
  readonly task: string;
  readonly assignment: string;
  readonly artifactKind: string;
  readonly brief: { readonly title: string; readonly description: string };
  readonly refused: readonly { readonly where: string; readonly message: string }[];
  readonly lease: Lease;
}

/** Does the work; called again with the findings when its output was refused. */
export type Work = (directive: Directive) => Promise<object>;

export interface Access {
  readonly baseUrl: string;
  /** A Firebase ID token with the role `agent`, whose uid is the agent's id. */
  readonly token: string;
}

export const post = ({ baseUrl, token }: Access, path: string, body: object): Promise<Response> =>
  fetch(`${baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** An output that was refused may be delivered anew, so many times. */
const maxMends = 2;

/** An output may also ask for something that must come first: then the work comes again, by another claim. */
const doneStates = ['succeeded', 'awaiting_approval'];

/**
 * Works on a directive until its output is taken, was refused for the last time, or the lease is lost. Resolves with whether the work
 * is done.
 */
export const carryOut = async (access: Access, directive: Directive, work: Work): Promise<boolean> => {
  const at = `/v1/tasks/${directive.task}/assignments/${directive.assignment}`;
  const { token, epoch, expiresAt } = directive.lease;
  const lease = { token, epoch };
  // Thrice in the length of the lease: one heartbeat may be lost, one may be late.
  const everyMs = Math.max(1_000, (Date.parse(expiresAt) - Date.now()) / 3);
  const heartbeat = setInterval(() => void post(access, `${at}/heartbeat`, { lease }).catch(() => undefined), everyMs);
  try {
    let current = directive;
    for (let mends = 0; ; mends++) {
      const answer = await post(access, `${at}/complete`, { lease, output: await work(current) });
      if (answer.ok) return doneStates.includes(((await answer.json()) as { state: string }).state);
      if (answer.status !== 422 || mends === maxMends) return false;
      const { errors } = (await answer.json()) as { errors: { pointer: string; detail: string }[] };
      current = { ...current, refused: errors.map(({ pointer, detail }) => ({ where: pointer, message: detail })) };
    }
  } catch (error) {
    await post(access, `${at}/fail`, { lease, reason: String(error), retryable: true });
    return false;
  } finally {
    clearInterval(heartbeat);
  }
};

/** A worker that needs no model: it writes down what was asked. */
export const takeMinutes: Work = ({ brief, refused }) =>
  Promise.resolve({
    summary: `Wrote down what "${brief.title}" asks for.`,
    artifact: {
      kind: 'markdown',
      title: `Minutes: ${brief.title}`,
      content: `# ${brief.title}\n\n${brief.description || 'Nothing more was said.'}\n`,
    },
    concerns: refused.map(({ message }) => message),
  });

/** A setting that must be there. */
export const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name}: examples/README.md says to what.`);
  return value;
};
