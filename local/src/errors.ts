/** A failure that the user can act on: the command line prints the message and what to do, and no stack. */
export class SuiteError extends Error {
  readonly whatToDo: string;

  constructor(message: string, whatToDo: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SuiteError';
    this.whatToDo = whatToDo;
  }
}

/** The port was taken by someone else between choosing it and binding it; another port may do. */
export class PortBusyError extends SuiteError {
  readonly port: number;

  constructor(port: number, whatToDo = 'Stop the process that listens there, or choose another port.') {
    super(`Port ${port} is already in use.`, whatToDo);
    this.name = 'PortBusyError';
    this.port = port;
  }
}
