import { describe, expect, test } from '@jest/globals';
import { serviceName } from './schemas.ts';
import { serviceNamedIn, serviceNameFrom } from './services.ts';

describe('the service that a task names', () => {
  const services = ['recipe-service', 'recipe-ratings', 'orders', 'billing-api', 'service'];
  const named = (title: string, description = '') => serviceNamedIn({ title, description }, services);

  test.each([
    ['Add star ratings to recipes', 'recipe-ratings'],
    ['Let members share recipes', 'recipe-service'],
    ['Cancel an order', 'orders'],
    ['Export invoices', undefined],
    ['A new service', undefined],
    ['Reorder the list', undefined],
  ])('of %s is %s', (title, service) => {
    expect(named(title)).toBe(service);
  });

  test('is found in the description, too', () => {
    expect(named('Add an export', 'It belongs to billing.')).toBe('billing-api');
  });

  test('is none when two fit as well', () => {
    expect(named('Bill the orders in billing')).toBeUndefined();
  });
});

describe('the name of a new service', () => {
  test.each([
    ['Recipe Service', 'recipe-service'],
    ['  Über-Service (v2)  ', 'ber-service-v2'],
    ['x'.repeat(90), 'x'.repeat(64)],
    ['日本語', undefined],
    ['', undefined],
  ])('of "%s" is %s', (title, name) => {
    expect(serviceNameFrom(title)).toBe(name);
    if (name !== undefined) expect(serviceName.parse(name)).toBe(name);
  });
});
