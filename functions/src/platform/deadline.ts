// How long an answer is waited for. What was asked goes on unseen: a client that has no way to stop it must not keep its caller with it.

export class DeadlinePassed extends Error {
  constructor(ms: number) {
    super(`No answer within ${ms / 1_000} seconds.`);
    this.name = 'DeadlinePassed';
  }
}

/** What `ask` gives, or `DeadlinePassed` when it has given nothing for so long. */
export const within = async <T>(ms: number, ask: () => Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed(ms)), ms);
  });
  try {
    return await Promise.race([ask(), passed]);
  } finally {
    clearTimeout(timer);
  }
};
