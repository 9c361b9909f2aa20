import { expect, it } from '@jest/globals';
import { OutcomeUnknown, StoreUnavailable } from '#libs/sourcing';
import { AgentRegistrationController } from './registration-controller.ts';

const REQUEST = {
  id: 'r',
  caller: null,
  edge: { name: 'nextexchange' },
  receivedAt: Date.parse('2026-11-21T10:00:00.000Z'),
  body: { name: 'Bot', permissions: ['read:market'], mode: 'sandbox' },
};

function registering(error: Error): Promise<void> {
  const registration = { register: () => Promise.reject(error) };
  const limits = { takeRegistration: async () => undefined };
  const controller = new AgentRegistrationController(registration as never, limits as never);
  return controller.register(REQUEST as never, {} as never);
}

it('advises no key for a repeat that would find nothing', async () => {
  await expect(registering(new OutcomeUnknown('the line broke'))).rejects.toMatchObject({
    kind: 'unavailable',
    message: 'the outcome is unknown: an agent may have been made, whose key nobody has; register again',
    retryAfter: 1,
  });
  const away = new StoreUnavailable('away');
  await expect(registering(away)).rejects.toBe(away);
});
