import { describe, expect, test } from '@jest/globals';
import { checkOpenapi } from './openapi.ts';

const contract = `openapi: 3.1.0
info: { title: Extraction, version: '1' }
security: [{ token: [] }]
paths:
  /v1/documents/{document}:
    parameters:
      - { name: document, in: path, required: true, schema: { type: string } }
    get:
      operationId: getDocument
      summary: Get a document
      responses:
        '200':
          description: The document
          content: { application/json: { schema: { $ref: '#/components/schemas/Section' } } }
    delete: { operationId: deleteDocument, summary: Delete a document, responses: { '204': { description: Deleted } } }
  /v1/sections: { $ref: '#/components/pathItems/sections' }
components:
  securitySchemes: { token: { type: http, scheme: bearer } }
  pathItems:
    sections:
      get: { operationId: listSections, summary: List sections, responses: { '200': { description: Sections } } }
  schemas:
    Section:
      type: object
      properties:
        title: { type: [string, 'null'] }
        parts: { type: array, items: { $ref: '#/components/schemas/Section' } }
`;

const findingsOf = async (content: string) => {
  const check = await checkOpenapi(content);
  return check.valid ? [] : check.findings;
};

const wheres = async (content: string) => (await findingsOf(content)).map(({ where }) => where);

describe('checkOpenapi', () => {
  test('accepts a contract in YAML and counts its operations, also those behind a reference', async () => {
    expect(await checkOpenapi(contract)).toEqual({
      valid: true,
      metrics: { endpoints: 3, operationsWithoutErrors: 3 },
      verdict: null,
      concerns: [],
      findings: [],
    });
  });

  test('accepts JSON, also when it is indented with tabs', async () => {
    const document = { openapi: '3.1.1', info: { title: 'Empty', version: '1' }, paths: {} };
    expect(await checkOpenapi(JSON.stringify(document, null, '\t'))).toMatchObject({
      valid: true,
      metrics: { endpoints: 0 },
    });
  });

  test.each([
    ['no error', '', 3],
    ['errors of the caller only', '4XX: { $ref: "#/components/responses/Problem" }', 3],
    ['errors without a body', "'400': { description: Bad }, '500': { description: Bad }", 3],
    ['both', "'404': { $ref: '#/components/responses/Problem' }, 5XX: { $ref: '#/components/responses/Problem' }", 2],
    ['a response for anything else', "default: { $ref: '#/components/responses/Problem' }", 2],
  ])('counts an operation that declares %s', async (_, responses, operationsWithoutErrors) => {
    const problem = '{ Problem: { description: No, content: { application/problem+json: {} } } }';
    const content = contract
      .replace(
        "responses: { '204': { description: Deleted } }",
        `responses: { '204': { description: Deleted }${responses && ','} ${responses} }`,
      )
      .replace('components:', `components:\n  responses: ${problem}`);
    expect(await checkOpenapi(content)).toMatchObject({
      valid: true,
      metrics: { endpoints: 3, operationsWithoutErrors },
    });
  });

  test.each([
    ['a field that the specification does not know', 'summary: Get a document', 'summery: Get', '/get/summery'],
    ['an operation without a summary', 'summary: Get a document', 'description: x', '/get/summary'],
    ['an operation without an id', 'operationId: getDocument', 'description: x', '/get/operationId'],
    ['a path parameter that is not defined', 'name: document', 'name: other', '/parameters/0/name'],
    ['an id used twice', 'operationId: deleteDocument', 'operationId: getDocument', '/delete/'],
  ])('refuses %s', async (_, text, replacement, where) => {
    const found = await wheres(contract.replace(text, replacement));
    expect(found).toContainEqual(expect.stringContaining(`/paths/~1v1~1documents~1{document}${where}`));
  });

  test('refuses operations that say nothing about security', async () => {
    expect(await wheres(contract.replace('security: [{ token: [] }]\n', ''))).toHaveLength(3);
  });

  test('refuses a reference to what is not there', async () => {
    expect(
      await findingsOf(
        contract.replace(
          "items: { $ref: '#/components/schemas/Section' }",
          "items: { $ref: '#/components/schemas/Gone' }",
        ),
      ),
    ).toEqual([{ where: '/components/schemas/Section/properties/parts/items', message: "Can't resolve $ref" }]);
  });

  test.each([
    'https://example.com/section.yaml',
    './section.yaml',
    'file:///etc/passwd',
    'data:text/yaml,a',
    'section.yaml#/a',
  ])('refuses the external reference %s without reading it', async (target) => {
    const found = await findingsOf(contract.replace("'#/components/schemas/Section' } } }", `'${target}' } } }`));
    expect(found).toEqual([
      { where: expect.stringMatching(/schema\/\$ref$/), message: expect.stringContaining('outside of the document') },
    ]);
  });

  test('reads no file that a discriminator maps to', async () => {
    const mapped = contract.replace(
      'type: object',
      'type: object\n      discriminator: { propertyName: title, mapping: { a: ./package.json } }',
    );
    expect(await findingsOf(mapped)).toContainEqual({
      where: '/components/schemas/Section/discriminator/mapping/a',
      message: expect.stringContaining('other documents are not read'),
    });
  });

  test.each([
    ['2.0', '/swagger', "swagger: '2.0'\ninfo: {}"],
    ['3.0', '/openapi', contract.replace('3.1.0', '3.0.3')],
    ['3.2', '/openapi', contract.replace('3.1.0', '3.2.0')],
    ['no version', '/openapi', 'info: {}'],
    ['a number', '/openapi', contract.replace('3.1.0', '3.1')],
  ])('refuses OpenAPI %s', async (_, where, content) => {
    expect(await wheres(content)).toEqual([where]);
  });

  test('tells where JSON and YAML break', async () => {
    expect(await wheres('{"openapi": "3.1.0",')).toEqual(['1:21']);
    expect(await wheres('openapi: 3.1.0\npaths: [')).toEqual(['2:9']);
    expect(await wheres('openapi: 3.1.0\nopenapi: 3.1.0')).toEqual(['2:1']);
    expect(await wheres('just a sentence')).toEqual(['']);
  });

  test.each([
    [
      'references that lead back to themselves',
      "A: { $ref: '#/components/schemas/B' }\n    B: { $ref: '#/components/schemas/A' }",
    ],
    ['a reference to itself', "A: { $ref: '#/components/schemas/A' }"],
    ['a reference into itself', "A: { $ref: '#/components/schemas/A/x' }"],
  ])('refuses %s', async (_, schemas) => {
    const found = await findingsOf(contract.replace('  schemas:', `  schemas:\n    ${schemas}`));
    expect(found.every(({ message }) => message.endsWith('leads back to itself.'))).toBe(true);
    expect(found.length).toBeGreaterThan(0);
  });

  test('refuses a short text whose aliases stand for billions of nodes, and one that contains itself', async () => {
    const levels = Array.from('bcdefghij').map(
      (name, index) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${'abcdefghi'[index] ?? ''}`)
          .join(', ')}]`,
    );
    const bomb = ['openapi: 3.1.0', 'a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]', ...levels].join('\n');
    for (const content of [bomb, 'openapi: 3.1.0\na: &a { b: *a }']) {
      expect(await findingsOf(content)).toEqual([{ where: '', message: expect.stringContaining('too large') }]);
    }
  });

  test('is not held up by a pattern that backtracks for ever', async () => {
    const pattern =
      "{ type: string, pattern: '^(a+)+$', example: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' }";
    expect(await checkOpenapi(contract.replace("{ type: [string, 'null'] }", () => pattern))).toMatchObject({
      valid: true,
    });
  });

  test('is not held up by a chain of thousands of references', async () => {
    const chain = Array.from(
      { length: 5000 },
      (_, index) => `    A${index}: { $ref: '#/components/schemas/A${index + 1}' }`,
    );
    expect(await checkOpenapi(contract.replace('  schemas:', `  schemas:\n${chain.join('\n')}`))).toMatchObject({
      valid: false,
    });
  });
});
