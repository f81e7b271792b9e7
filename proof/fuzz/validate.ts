// Does a value fit a schema of the document? By a validator that shares no code with the service.
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { OpenApi } from './document.ts';

/** What does not fit, by place; none when the value does. */
export type Validate = (pointer: string, value: unknown) => string[];

export const validatorOf = (document: OpenApi): Validate => {
  const ajv = new Ajv2020({ strict: false, allErrors: false });
  formats.default(ajv);
  ajv.addSchema(document, 'api');
  return (pointer, value) => {
    const validate = ajv.getSchema(`api${pointer}`);
    if (!validate) throw new Error(`There is no schema at ${pointer}.`);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ''}`);
  };
};
