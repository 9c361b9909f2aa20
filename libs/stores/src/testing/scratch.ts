/** Folders for tests, gone when they end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A path in a new folder that is removed after the tests of the file. */
export function scratchFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'signal-ledger-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
