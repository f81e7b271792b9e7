// What a valid OpenAPI document says about its operations.
import { dereference } from './references.ts';
import { isTree, type Tree } from '../../platform/json.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Every operation under `paths`, also behind a reference. */
export const operationsOf = (root: Tree): Tree[] => {
  const items = isTree(root['paths']) ? Object.values(root['paths']) : [];
  return items
    .map((item) => dereference(root, item))
    .filter(isTree)
    .flatMap((item) => methods.filter((method) => method in item).map((method) => item[method]))
    .map((operation) => (isTree(operation) ? operation : {}));
};

/** Does the operation say what a caller gets for a fault of the caller's, and for one of the service's, as JSON? */
export const declaresErrors = (root: Tree, operation: Tree): boolean => {
  const responses = isTree(operation['responses']) ? Object.entries(operation['responses']) : [];
  const described = responses.filter(([, response]) => hasJsonBody(dereference(root, response))).map(([code]) => code);
  return ['4', '5'].every((digit) => described.some((code) => code === 'default' || code.startsWith(digit)));
};

const hasJsonBody = (response: unknown): boolean => {
  const content = isTree(response) ? response['content'] : undefined;
  return (
    isTree(content) && Object.keys(content).some((mediaType) => /^application\/([\w.-]+\+)?json\b/i.test(mediaType))
  );
};
