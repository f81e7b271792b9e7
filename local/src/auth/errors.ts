// Errors in the wire form of Identity Toolkit: the SDKs map the message's first word to their own codes.

export class AuthApiError extends Error {
  readonly status: 400 | 401 | 404 | 500;

  constructor(message: string, status: 400 | 401 | 404 | 500 = 400) {
    super(message);
    this.name = 'AuthApiError';
    this.status = status;
  }

  get body() {
    const { status: code, message } = this;
    return { error: { code, message, errors: [{ message, reason: 'invalid', domain: 'global' }] } };
  }
}

/** Throws AuthApiError with that message unless the condition holds. */
// A function declaration, as TypeScript wants assertion functions to have an explicit type.
export function check(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AuthApiError(message);
}
