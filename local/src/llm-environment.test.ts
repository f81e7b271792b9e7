import { describe, expect, test } from '@jest/globals';
import { namedProviders, needsStandIn, standIn } from './llm-environment.ts';

describe('which models answer', () => {
  test('the stand-in for all three, when the environment names none', () => {
    expect(needsStandIn({ PATH: '/bin', OPENAI_API_KEY: '' })).toBe(true);
    expect(standIn('http://127.0.0.1:5080')).toEqual({
      answersFrom: 'local stand-in',
      variables: {
        ANTHROPIC_API_KEY: 'local-stand-in',
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:5080/anthropic',
        OPENAI_API_KEY: 'local-stand-in',
        OPENAI_BASE_URL: 'http://127.0.0.1:5080/openai/v1',
        GEMINI_API_KEY: 'local-stand-in',
        GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:5080/gemini',
      },
    });
  });

  test('the provider itself for a key without a base URL, and no other', () => {
    const environment = { OPENAI_API_KEY: 'a real key' };
    expect(needsStandIn(environment)).toBe(false);
    expect(namedProviders(environment)).toEqual({
      answersFrom: 'openai',
      variables: {
        ANTHROPIC_API_KEY: '',
        ANTHROPIC_BASE_URL: '',
        OPENAI_API_KEY: 'a real key',
        OPENAI_BASE_URL: '',
        GEMINI_API_KEY: '',
        GOOGLE_GEMINI_BASE_URL: '',
      },
    });
  });

  test('the server of a base URL, with the key that was given or one that is as good', () => {
    const named = namedProviders({
      ANTHROPIC_BASE_URL: 'http://localhost:1',
      GOOGLE_GEMINI_BASE_URL: 'http://localhost:2',
      GEMINI_API_KEY: 'mine',
    });
    expect(named.answersFrom).toBe('anthropic, google');
    expect(named.variables).toMatchObject({
      ANTHROPIC_API_KEY: 'local-stand-in',
      ANTHROPIC_BASE_URL: 'http://localhost:1',
      GEMINI_API_KEY: 'mine',
      GOOGLE_GEMINI_BASE_URL: 'http://localhost:2',
      OPENAI_API_KEY: '',
    });
  });
});
