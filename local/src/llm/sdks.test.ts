import { FunctionCallingConfigMode, Type } from '@google/genai';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { type LlmProviders, startLlmProviders } from './index.ts';
import { type Clients, clientsOf } from './test-clients.ts';

let providers: LlmProviders;
let anthropic: Clients['anthropic'];
let openai: Clients['openai'];
let gemini: Clients['gemini'];

beforeAll(async () => {
  providers = await startLlmProviders({ latencyMs: 1 });
  ({ anthropic, openai, gemini } = clientsOf(providers.url));
});

afterAll(() => providers.stop());

const invoice = z.strictObject({
  customer: z.string().min(1),
  state: z.enum(['open', 'paid']),
  lines: z
    .array(z.strictObject({ text: z.string(), amount: z.int().min(1).max(9) }))
    .min(2)
    .max(4),
});
const { $schema: _, ...schema } = z.toJSONSchema(invoice) as Record<string, unknown>;
const isInvoice = (text: string | null | undefined) => invoice.safeParse(JSON.parse(text ?? 'null')).success;

const question = 'Write an invoice for the customer Ada about two books';
const system = 'You write invoices.';
/** Tokens as the stand-in counts them. */
const tokens = (text: string) => Math.ceil(text.length / 4);
const longSystem = 'Invoices have lines. '.repeat(300);

describe('Anthropic Messages', () => {
  const base = {
    model: 'claude-sonnet-5-5',
    max_tokens: 1000,
    system,
    messages: [{ role: 'user' as const, content: question }],
  };

  test('answers with text and usage', async () => {
    const message = await anthropic.messages.create(base);
    const [block] = message.content;
    expect(message).toMatchObject({ type: 'message', role: 'assistant', model: base.model, stop_reason: 'end_turn' });
    expect(block).toMatchObject({ type: 'text', text: expect.stringContaining('Ada') });
    expect(message.usage).toMatchObject({
      input_tokens: tokens(system) + tokens(question),
      output_tokens: tokens(block?.type === 'text' ? block.text : ''),
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    });
    expect(message._request_id).toBe(providers.requests().at(-1)?.id);
  });

  test('streams the same message that it answers in one piece', async () => {
    const output_config = { format: { type: 'json_schema' as const, schema } };
    const whole = await anthropic.messages.create({ ...base, output_config });
    const streamed = await anthropic.messages.stream({ ...base, output_config }).finalMessage();
    expect(whole.content[0]?.type === 'text' && isInvoice(whole.content[0].text)).toBe(true);
    expect(streamed.content).toEqual(whole.content);
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    expect(streamed.stop_reason).toBe('end_turn');
  });

  test('calls the tool that is forced, streamed and not', async () => {
    const tools = [{ name: 'save_invoice', input_schema: { type: 'object' as const, ...schema } }];
    const forced = { tool_choice: { type: 'tool' as const, name: 'save_invoice' } };
    // The present models refuse to be forced.
    const request = { ...base, model: 'claude-sonnet-4-6', tools, ...forced };
    const whole = await anthropic.messages.create(request);
    const streamed = await anthropic.messages.stream(request).finalMessage();
    for (const { content, stop_reason } of [whole, streamed]) {
      expect(stop_reason).toBe('tool_use');
      const [block] = content;
      expect(block?.type === 'tool_use' && invoice.safeParse(block.input).success).toBe(true);
    }
  });

  test('answers in words once the tool has answered', async () => {
    const message = await anthropic.messages.create({
      ...base,
      tools: [{ name: 'save_invoice', input_schema: { type: 'object', ...schema } }],
      messages: [
        ...base.messages,
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'save_invoice', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'saved' }] },
      ],
    });
    expect(message.content[0]?.type).toBe('text');
  });

  test('counts a marked prefix as written first and as read later, never as input', async () => {
    const cached = {
      ...base,
      system: [{ type: 'text' as const, text: longSystem, cache_control: { type: 'ephemeral' as const } }],
    };
    const first = await anthropic.messages.create(cached);
    const second = await anthropic.messages.create(cached);
    const prefix = tokens(longSystem);
    expect(first.usage).toMatchObject({
      cache_creation_input_tokens: prefix,
      cache_creation: { ephemeral_5m_input_tokens: prefix, ephemeral_1h_input_tokens: 0 },
      cache_read_input_tokens: 0,
      input_tokens: tokens(question),
    });
    expect(second.usage).toMatchObject({
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: prefix,
      input_tokens: tokens(question),
    });
  });

  test('stops at the limit of tokens', async () => {
    const message = await anthropic.messages.create({ ...base, max_tokens: 5 });
    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { output_tokens: 5 } });
  });

  test('counts thinking as part of the output', async () => {
    const plain = await anthropic.messages.create(base);
    const { usage } = await anthropic.messages.create({ ...base, thinking: { type: 'adaptive' } });
    expect(usage.output_tokens_details?.thinking_tokens).toBeGreaterThan(0);
    expect(usage.output_tokens - (usage.output_tokens_details?.thinking_tokens ?? 0)).toBe(plain.usage.output_tokens);
  });
});

describe('OpenAI Chat Completions', () => {
  const base = {
    model: 'gpt-6.1-terra',
    messages: [
      { role: 'system' as const, content: system },
      { role: 'user' as const, content: question },
    ],
  };
  const response_format = { type: 'json_schema' as const, json_schema: { name: 'invoice', schema, strict: true } };

  test('answers JSON of the schema, with usage that includes the cached part', async () => {
    const request = { ...base, messages: [{ role: 'system' as const, content: longSystem }, ...base.messages] };
    const first = await openai.chat.completions.create({ ...request, response_format });
    const second = await openai.chat.completions.create({ ...request, response_format });
    expect(isInvoice(first.choices[0]?.message.content)).toBe(true);
    const input = tokens(longSystem) + tokens(system) + tokens(question);
    const details = [first, second].map(({ usage }) => usage?.prompt_tokens_details);
    expect([first.usage?.prompt_tokens, second.usage?.prompt_tokens].every((count) => Number(count) > input)).toBe(
      true,
    );
    expect(details[0]).toMatchObject({ cached_tokens: 0, cache_write_tokens: expect.any(Number) });
    expect(details[1]).toMatchObject({ cached_tokens: details[0]?.cache_write_tokens, cache_write_tokens: 0 });
    expect(details[1]?.cached_tokens).toBeGreaterThan(1024);
  });

  test('streams the same text, and the usage only when asked', async () => {
    const whole = await openai.chat.completions.create({ ...base, response_format });
    const chunks = [];
    for await (const chunk of await openai.chat.completions.create({
      ...base,
      response_format,
      stream: true,
      stream_options: { include_usage: true },
    })) {
      chunks.push(chunk);
    }
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0]?.message.content,
    );
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: whole.usage?.completion_tokens } });
    const silent = await openai.chat.completions.create({ ...base, stream: true });
    for await (const chunk of silent) expect(chunk.usage).toBeUndefined();
  });

  test('calls the tool that is forced, streamed and not', async () => {
    const request = {
      ...base,
      tools: [{ type: 'function' as const, function: { name: 'save_invoice', parameters: schema } }],
      tool_choice: { type: 'function' as const, function: { name: 'save_invoice' } },
    };
    const whole = await openai.chat.completions.create(request);
    const streamed = await openai.chat.completions.stream(request).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      const call = choices[0]?.message.tool_calls?.[0];
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      expect(call?.type === 'function' && call.function.name === 'save_invoice').toBe(true);
      expect(isInvoice(call?.type === 'function' ? call.function.arguments : '')).toBe(true);
    }
  });

  test('counts reasoning as part of the output', async () => {
    const { usage } = await openai.chat.completions.create({ ...base, reasoning_effort: 'low' });
    const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    expect(reasoning).toBeGreaterThan(0);
    expect(usage?.completion_tokens).toBeGreaterThan(reasoning);
  });
});

describe('OpenAI Responses', () => {
  const base = { model: 'gpt-6.1-sol', instructions: system, input: question };
  const text = { format: { type: 'json_schema' as const, name: 'invoice', schema, strict: true } };

  test('answers JSON of the schema, streamed and not', async () => {
    const whole = await openai.responses.create({ ...base, text });
    const streamed = await openai.responses.stream({ ...base, text }).finalResponse();
    expect(isInvoice(whole.output_text)).toBe(true);
    expect(streamed.output_text).toBe(whole.output_text);
    expect(streamed.usage).toEqual(whole.usage);
    expect(whole).toMatchObject({
      status: 'completed',
      usage: { output_tokens: tokens(whole.output_text), input_tokens_details: { cached_tokens: 0 } },
    });
  });

  test('calls the tool that is forced, streamed and not', async () => {
    const request = {
      ...base,
      tools: [{ type: 'function' as const, name: 'save_invoice', parameters: schema, strict: true }],
      tool_choice: { type: 'function' as const, name: 'save_invoice' },
    };
    const whole = await openai.responses.create(request);
    const streamed = await openai.responses.stream(request).finalResponse();
    for (const { output } of [whole, streamed]) {
      const [item] = output;
      expect(item?.type === 'function_call' && isInvoice(item.arguments)).toBe(true);
    }
  });

  test('answers in words once the tool has answered', async () => {
    const response = await openai.responses.create({
      ...base,
      tools: [{ type: 'function', name: 'save_invoice', parameters: schema, strict: true }],
      input: [
        { role: 'user', content: question },
        { type: 'function_call', call_id: 'call_1', name: 'save_invoice', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'saved' },
      ],
    });
    expect(response.output_text).toContain('Ada');
  });

  test('says that it is incomplete when the limit of tokens was reached', async () => {
    const response = await openai.responses.create({ ...base, max_output_tokens: 4 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });
});

describe('Gemini', () => {
  const base = { model: 'gemini-3.8-flash', contents: question };
  const json = { systemInstruction: system, responseMimeType: 'application/json', responseJsonSchema: schema };

  test('answers JSON of the schema; thoughts are not in the count of the candidates', async () => {
    const response = await gemini.models.generateContent({ ...base, config: json });
    expect(isInvoice(response.text)).toBe(true);
    expect(response.candidates?.[0]?.finishReason).toBe('STOP');
    const usage = response.usageMetadata;
    const [input, output, thoughts] = [usage?.promptTokenCount, usage?.candidatesTokenCount, usage?.thoughtsTokenCount];
    expect(output).toBe(tokens(String(response.text)));
    expect(thoughts).toBeGreaterThan(0);
    expect(usage?.totalTokenCount).toBe(Number(input) + Number(output) + Number(thoughts));
  });

  test('understands its own dialect of schemas', async () => {
    const responseSchema = {
      type: Type.ARRAY,
      minItems: '2',
      maxItems: '2',
      items: { type: Type.OBJECT, properties: { paid: { type: Type.BOOLEAN } }, required: ['paid'] },
    };
    const config = { responseMimeType: 'application/json', responseSchema };
    const { text } = await gemini.models.generateContent({ ...base, config });
    expect(JSON.parse(text ?? '')).toEqual([{ paid: expect.any(Boolean) }, { paid: expect.any(Boolean) }]);
  });

  test('streams the same text with counts that grow', async () => {
    const whole = await gemini.models.generateContent({ ...base, config: json });
    const chunks = [];
    for await (const chunk of await gemini.models.generateContentStream({ ...base, config: json })) chunks.push(chunk);
    const counts = chunks.map((chunk) => chunk.usageMetadata?.candidatesTokenCount ?? 0);
    expect(chunks.map((chunk) => chunk.text ?? '').join('')).toBe(whole.text);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe('STOP');
  });

  test('calls the function that is forced', async () => {
    const response = await gemini.models.generateContent({
      ...base,
      config: {
        tools: [{ functionDeclarations: [{ name: 'save_invoice', parametersJsonSchema: schema }] }],
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY } },
      },
    });
    expect(response.functionCalls?.[0]?.name).toBe('save_invoice');
    expect(invoice.safeParse(response.functionCalls?.[0]?.args).success).toBe(true);
  });
});

test('the same prompt gets the same answer, another prompt another one', async () => {
  const ask = async (content: string) => {
    const message = await anthropic.messages.create({
      model: 'claude-haiku-5-5',
      max_tokens: 500,
      output_config: { format: { type: 'json_schema', schema } },
      messages: [{ role: 'user', content }],
    });
    return JSON.stringify(message.content);
  };
  expect(await ask('An invoice for Ada')).toBe(await ask('An invoice for Ada'));
  expect(await ask('An invoice for Ada')).not.toBe(await ask('An invoice for Bob'));
});
