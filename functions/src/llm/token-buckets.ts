// From each provider's usage object to disjoint buckets. The objects overlap in different ways, which is where billing goes wrong:
//   OpenAI     input includes cache reads and writes; output includes reasoning
//   Anthropic  input excludes cache reads and writes; output includes thinking
//   Google     prompt includes cache reads; candidates exclude thoughts; tool results come on top
// T1: the buckets add up to the provider's own total. Where it states one, an object that contradicts itself is rejected: a
// guess would be billed. Fields that we do not know are ignored.
import { z } from 'zod';
import { tokenUsage, type TokenUsage } from './schemas.ts';

const count = z.int().nonnegative();
/** Absent and null both mean none. */
const optionalCount = count.nullish().transform((value) => value ?? 0);

const sum = (usage: TokenUsage) => Object.values(usage).reduce((total, tokens) => total + tokens, 0);

/** Buckets whose total the provider stated. */
const withTotal = z
  .object({ buckets: tokenUsage, total: count })
  .refine(({ buckets, total }) => sum(buckets) === total, { error: 'the counts do not add up to the stated total' })
  .transform(({ buckets }) => buckets);

/** `usage` of Anthropic's Messages API. Writes that are not split by lifetime are the 5-minute default. */
export const anthropicUsage = z
  .object({
    input_tokens: count,
    cache_read_input_tokens: optionalCount,
    cache_creation_input_tokens: optionalCount,
    cache_creation: z.object({ ephemeral_1h_input_tokens: count }).nullish(),
    output_tokens: count,
    output_tokens_details: z.object({ thinking_tokens: count }).nullish(),
  })
  .transform((usage): TokenUsage => {
    const writtenLong = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
    const reasoning = usage.output_tokens_details?.thinking_tokens ?? 0;
    return {
      inputUncached: usage.input_tokens,
      inputCacheRead: usage.cache_read_input_tokens,
      inputCacheWriteShort: usage.cache_creation_input_tokens - writtenLong,
      inputCacheWriteLong: writtenLong,
      inputTool: 0,
      outputVisible: usage.output_tokens - reasoning,
      outputReasoning: reasoning,
    };
  })
  .pipe(tokenUsage);

/** `usage` of OpenAI's Responses API. Writes that are not split by lifetime are the 30-minute default. */
export const openaiUsage = z
  .object({
    input_tokens: count,
    input_tokens_details: z
      .object({
        cached_tokens: optionalCount,
        cache_write_tokens: optionalCount,
        cache_write_tokens_details: z.object({ ttl_12h_tokens: count }).nullish(),
      })
      .nullish(),
    output_tokens: count,
    output_tokens_details: z.object({ reasoning_tokens: optionalCount }).nullish(),
    total_tokens: count,
  })
  .transform((usage) => {
    const read = usage.input_tokens_details?.cached_tokens ?? 0;
    const written = usage.input_tokens_details?.cache_write_tokens ?? 0;
    const writtenLong = usage.input_tokens_details?.cache_write_tokens_details?.ttl_12h_tokens ?? 0;
    const reasoning = usage.output_tokens_details?.reasoning_tokens ?? 0;
    const buckets: TokenUsage = {
      inputUncached: usage.input_tokens - read - written,
      inputCacheRead: read,
      inputCacheWriteShort: written - writtenLong,
      inputCacheWriteLong: writtenLong,
      inputTool: 0,
      outputVisible: usage.output_tokens - reasoning,
      outputReasoning: reasoning,
    };
    return { buckets, total: usage.total_tokens };
  })
  .pipe(withTotal);

/** `usageMetadata` of Google's generateContent; protobuf JSON leaves zeros out. */
export const googleUsage = z
  .object({
    promptTokenCount: optionalCount,
    cachedContentTokenCount: optionalCount,
    toolUsePromptTokenCount: optionalCount,
    candidatesTokenCount: optionalCount,
    thoughtsTokenCount: optionalCount,
    totalTokenCount: count,
  })
  .transform((usage) => {
    const buckets: TokenUsage = {
      inputUncached: usage.promptTokenCount - usage.cachedContentTokenCount,
      inputCacheRead: usage.cachedContentTokenCount,
      inputCacheWriteShort: 0,
      inputCacheWriteLong: 0,
      inputTool: usage.toolUsePromptTokenCount,
      outputVisible: usage.candidatesTokenCount,
      outputReasoning: usage.thoughtsTokenCount,
    };
    return { buckets, total: usage.totalTokenCount };
  })
  .pipe(withTotal);
