import { describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createMemoryCoordination } from '#libs/stores';
import { Limits, networkOf } from './limits.ts';

describe('the network of an IPv6 address', () => {
  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:db8::5:6:7:8', '2001:db8:0:0::/64'],
  ])('%s is of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('limits that nobody counts', () => {
  const silent = {
    ...createMemoryCoordination(),
    take: () => new Promise<never>(() => undefined),
    takeRolling: () => new Promise<never>(() => undefined),
  };
  const limits = new Limits(silent, { requests: 60, registrations: 10 }, 50);
  const request = { receivedAt: Date.now(), socket: {} } as unknown as FastifyRequest;

  it.each([
    ['a request', () => limits.takeRequest(request, {} as FastifyReply, 'agent')],
    ['a registration', () => limits.takeRegistration(request)],
    ['a wrong key', () => limits.countWrong(request)],
    ['a signature', () => limits.useUp('agent', 'signature', request.receivedAt)],
  ])('are not waited for without an end: %s', async (_name, take) => {
    await expect(take()).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
