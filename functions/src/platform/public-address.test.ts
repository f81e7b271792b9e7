import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPublicAddress } from './public-address.ts';

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
])('%s is public', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test.each([
  ['0.0.0.0', 'this host'],
  ['10.0.0.1', 'private'],
  ['10.255.255.255', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['169.254.1.1', 'link-local'],
  ['169.254.169.254', 'metadata server'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.0.0.192', 'metadata server of Oracle'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', '6to4 relay'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'benchmarks'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'IPv4-mapped'],
  ['::ffff:7f00:1', 'IPv4-mapped'],
  ['::ffff:8.8.8.8', 'IPv4-mapped, whatever it carries (A2)'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['64:ff9b::a9fe:a9fe', 'NAT64'],
  ['64:ff9b:1::1', 'local NAT64'],
  ['100::1', 'discard'],
  ['2001::1', 'Teredo'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4'],
  ['3fff::1', 'documentation'],
  ['5f00::1', 'segment routing'],
  ['fc00::1', 'unique local'],
  ['fd00:ec2::254', 'metadata server of AWS'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['2606:4700::1%eth0', 'a zone'],
  ['ff02::1', 'multicast'],
  ['', 'no address'],
  ['localhost', 'no address'],
  ['0x7f.1', 'no address'],
  ['127.1', 'no address'],
])('%s is not: %s', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

describe('whatever the rest of the address is', () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 7, maxLength: 7 });
  const hex = (numbers: readonly number[]) => numbers.map((number) => number.toString(16)).join(':');

  test('an IPv6 address outside 2000::/3 is not public (A1)', () => {
    const outside = fc.integer({ min: 0, max: 0xffff }).filter((first) => first < 0x2000 || first > 0x3fff);
    fc.assert(fc.property(outside, groups, (first, rest) => !isPublicAddress(hex([first, ...rest]))));
  });

  test('an IPv6 address that carries an IPv4 address is not public (A2)', () => {
    fc.assert(
      fc.property(fc.ipV4(), groups, (v4, rest) => {
        const inHex = v4.split('.').map(Number);
        const [a = 0, b = 0, c = 0, d = 0] = inHex;
        const carriers = [
          `::ffff:${v4}`,
          `::${v4}`,
          `64:ff9b::${v4}`,
          hex([0x2002, a * 256 + b, c * 256 + d, ...rest.slice(2)]),
        ];
        return carriers.every((carrier) => !isPublicAddress(carrier));
      }),
    );
  });

  test('an address of a private network is not public', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, fc.integer({ min: 16, max: 31 }), (a, b, c, second) =>
        [
          `10.${a}.${b}.${c}`,
          `127.${a}.${b}.${c}`,
          `169.254.${a}.${b}`,
          `192.168.${a}.${b}`,
          `172.${second}.${a}.${b}`,
        ].every((address) => !isPublicAddress(address)),
      ),
    );
  });
});
