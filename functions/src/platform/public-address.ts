// Which network addresses are on the public internet: what the service may be told to call. Pure.
//
// A1. An address counts as public only if it is known to be: everything in IANA's special-purpose registries is refused, and
//     of IPv6 everything outside 2000::/3.
// A2. An IPv6 address that carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is refused, whatever it carries.
import { BlockList, isIPv4, isIPv6 } from 'node:net';

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast.
const reservedIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Link-local, and with 169.254.169.254 the metadata servers of the clouds.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

const globalIpv6 = ['2000::/3'];

// https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies within 2000::/3.
const reservedIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const blockList = (family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
};

const ipv4 = { reserved: blockList('ipv4', reservedIpv4) };
const ipv6 = { global: blockList('ipv6', globalIpv6), reserved: blockList('ipv6', reservedIpv6) };

/** False for what is no address at all, too. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !ipv4.reserved.check(address, 'ipv4');
  // A zone (`fe80::1%eth0`) names a link of this machine.
  if (!isIPv6(address) || address.includes('%')) return false;
  return ipv6.global.check(address, 'ipv6') && !ipv6.reserved.check(address, 'ipv6');
};
