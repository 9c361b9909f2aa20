import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { describeSettings, readSettings, WrongSettings } from './settings.ts';

describe('settings', () => {
  it('have defaults that start a server with nothing set', () => {
    expect(readSettings({ DATA_DIR: '/srv/ledger' })).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      ROLES: ['api', 'projector', 'market'],
      LOG_LEVEL: 'info',
      EVENT_STORE_URL: 'sqlite:/srv/ledger/events.db',
      VIEW_STORE_URL: 'sqlite:/srv/ledger/views.db',
    });
  });

  it('that are wrong are told all at once, each by name', () => {
    const wrong = {
      PORT: 'http',
      ROLES: 'api,cook',
      LOG_LEVEL: 'loud',
      EVENT_STORE_URL: 'postgres://x',
      MAX_IN_FLIGHT: '0',
    };
    expect(() => readSettings(wrong)).toThrow(WrongSettings);
    for (const name of Object.keys(wrong)) expect(() => readSettings(wrong)).toThrow(new RegExp(`^ {2}${name}=`, 'm'));
    expect(() => readSettings({ PORT: '99999' })).toThrow('PORT="99999": must be at most 65535');
  });

  it('are all in the README, with their defaults and meanings', () => {
    const squeezed = (text: string): string => text.replaceAll(/ +/g, ' ');
    const readme = squeezed(readFileSync(new URL('../../../README.md', import.meta.url), 'utf8'));
    for (const { name, fallback, meaning } of describeSettings()) {
      expect(readme).toContain(
        squeezed(`| \`${name}\` | ${fallback === null ? '' : `\`${fallback}\``} | ${meaning} |`),
      );
    }
  });
});
