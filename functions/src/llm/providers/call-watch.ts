// The clocks of one streamed call. The SDKs' own timeouts end with the head of an answer, hide pings from their readers, and one of them
// covers the whole answer; so every byte that arrives is seen here, in the `fetch` that the SDK is given.
import type { FailureKind } from '../failures.ts';

export interface CallLimits {
  /** From the start to the first byte of the answer's body. */
  readonly firstEventMs: number;
  /** Between two bytes after that: a ping is a sign of life. */
  readonly silenceMs: number;
  /** For the whole call, up to the last byte. */
  readonly overallMs: number;
}

export interface CallWatch extends Disposable {
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
  /** The head of the last answer. */
  readonly head: () => Response | undefined;
  /** Why the call was stopped from this side; undefined when it was not. */
  readonly stoppedBy: () => FailureKind | undefined;
}

export const watchCall = (limits: CallLimits, caller: AbortSignal): CallWatch => {
  const controller = new AbortController();
  let stopped: FailureKind | undefined;
  let head: Response | undefined;
  const stop = (kind: FailureKind) => {
    stopped ??= kind;
    controller.abort();
  };
  const onCaller = () => stop('aborted');
  let quiet = setTimeout(stop, limits.firstEventMs, 'silent');
  const overall = setTimeout(stop, limits.overallMs, 'timeout');
  let heard = false;
  const onBytes = () => {
    if (heard) return void quiet.refresh();
    heard = true;
    clearTimeout(quiet);
    quiet = setTimeout(stop, limits.silenceMs, 'silent');
  };
  if (caller.aborted) onCaller();
  else caller.addEventListener('abort', onCaller, { once: true });
  return {
    signal: controller.signal,
    fetch: async (input, init) => {
      head = await fetch(input, init);
      return hearing(head, onBytes);
    },
    head: () => head,
    stoppedBy: () => stopped,
    [Symbol.dispose]: () => {
      clearTimeout(quiet);
      clearTimeout(overall);
      caller.removeEventListener('abort', onCaller);
    },
  };
};

/** The same answer, whose every chunk is heard. */
const hearing = (response: Response, onBytes: () => void): Response => {
  if (!response.body) return response;
  const ear = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      onBytes();
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(ear), { status, statusText, headers });
};
