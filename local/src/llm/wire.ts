// The bytes of a response on their way: cut where a fault says so, in pieces of the size that it asks for.
import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import type { Fault } from './faults.ts';

const piecesOf = (bytes: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

export class Wire {
  readonly #response: ServerResponse;
  readonly #fault: Fault | undefined;
  /** How many bytes may still be sent. */
  #left: number;

  constructor(response: ServerResponse, fault: Fault | undefined) {
    this.#response = response;
    this.#fault = fault;
    this.#left = fault?.kind === 'cut-at' ? fault.bytes : Infinity;
  }

  async write(text: string): Promise<void> {
    const lines = this.#fault?.kind === 'crlf' ? text.replaceAll('\n', '\r\n') : text;
    const bytes = Buffer.from(lines).subarray(0, this.#left);
    this.#left -= bytes.length;
    if (bytes.length === 0) return;
    if (this.#fault?.kind !== 'fragments') return void this.#response.write(bytes);
    for (const piece of piecesOf(bytes, this.#fault.bytes)) {
      this.#response.write(piece);
      await turn();
    }
  }

  /** Ends in good order, or with a reset when the fault says so. */
  async end(): Promise<void> {
    if (this.#fault?.kind !== 'cut-at' || this.#fault.how === 'close') return void this.#response.end();
    await new Promise<void>((resolve) => this.#response.write('', () => resolve()));
    this.#response.socket?.resetAndDestroy();
  }
}
