/** `key issue`, `key rotate`, `key list`, `key revoke`. */
import { type Command, Option } from 'commander';
import type { KeyDialect, KeyScope } from '#libs/channel';
import { parseDuration } from './duration.ts';
import { issueKey, type IssuedKey, type KeyHolder, revokeKey, type RotatedKey, rotateKey } from './key.ts';
import { keyTable, listKeys } from './key-list.ts';
import { printResult } from './output.ts';
import { globalOptions, withLedger } from './wiring.ts';

interface HolderOptions {
  readonly auditor?: true;
}

/** Exactly one of the two must be given. */
function holderFrom(channelId: string | undefined, { auditor }: HolderOptions, command: Command): KeyHolder {
  if (auditor !== undefined && channelId !== undefined)
    command.error('error: give a channel id or --auditor, not both');
  if (auditor !== undefined) return 'auditor';
  if (channelId === undefined) command.error('error: give a channel id, or --auditor');
  return { channelId };
}

export function keyCommands(program: Command): void {
  const key = program.command('key').description('API keys of channels and auditors');

  key
    .command('issue')
    .description('issue a key; it is shown once')
    .argument('[channel_id]', 'whose key it is')
    .option('--auditor', "an auditor's key instead: reads every channel")
    .addOption(new Option('--dialect <dialect>', 'the API it is used with').choices(['anny', 'nextprod', 'traderz']))
    .addOption(
      new Option('--scope <scope>', 'write includes read (default: write; read for an auditor)').choices([
        'write',
        'read',
      ]),
    )
    .option('--label <label>', 'what it is for')
    .action(
      async (
        channelId: string | undefined,
        options: HolderOptions & { dialect?: KeyDialect; scope?: KeyScope; label?: string },
        command: Command,
      ) => {
        const { settings, json } = globalOptions(command);
        const holder = holderFrom(channelId, options, command);
        if (holder !== 'auditor' && options.dialect === undefined)
          command.error("error: required option '--dialect <dialect>' not specified");
        const request = {
          dialect: options.dialect ?? 'anny',
          scope: options.scope ?? (holder === 'auditor' ? 'read' : 'write'),
          label: options.label ?? null,
        };
        const issued = await withLedger(settings, ({ events }) => issueKey(events, holder, request), {
          existing: holder !== 'auditor',
        });
        printResult(json, issued, describeIssued);
      },
    );

  key
    .command('rotate')
    .description('issue a key that takes the place of another, which works on for the overlap; it is shown once')
    .argument('<key_id>', 'the old key')
    .option('--overlap <duration>', 'how long the old key works on: 0s, 30m, 24h, 7d', '24h')
    .action(async (keyId: string, { overlap }: { overlap: string }, command: Command) => {
      const { settings, json } = globalOptions(command);
      const overlapMs = parseDuration(overlap, 'overlap');
      const rotated = await withLedger(settings, ({ events }) => rotateKey(events, keyId, overlapMs), {
        existing: true,
      });
      printResult(json, rotated, (value) => `${describeIssued(value)}\n${describeReplaced(value, overlapMs)}`);
    });

  key
    .command('list')
    .description('keys of a channel, or of all auditors')
    .argument('[channel_id]')
    .option('--auditor', "the auditors' keys")
    .action(async (channelId: string | undefined, options: HolderOptions, command: Command) => {
      const { settings, json } = globalOptions(command);
      const holder = holderFrom(channelId, options, command);
      const listed = await withLedger(
        settings,
        async ({ events, coordination }) => listKeys(events, holder, await coordination()),
        { existing: true },
      );
      printResult(json, listed, ({ keys }) =>
        keys.length === 0 ? 'no keys yet' : keyTable(keys, new Date().toISOString()),
      );
    });

  key
    .command('revoke')
    .description('make a key useless everywhere within a second; success also when it was already')
    .argument('<key_id>')
    .action(async (keyId: string, _options: object, command: Command) => {
      const { settings, json } = globalOptions(command);
      const revoked = await withLedger(settings, ({ events }) => revokeKey(events, keyId), { existing: true });
      printResult(json, revoked, ({ key_id }) => `key ${key_id} is revoked`);
    });
}

function describeIssued(issued: IssuedKey): string {
  const head = `key ${issued.key_id} (${issued.dialect}, ${issued.scope})`;
  const lines =
    'api_key' in issued
      ? [`api key: ${issued.api_key}`, 'Keep it now: it is shown this once, and only its hash is stored.']
      : [
          `anny-api-key:    ${issued.anny_api_key}`,
          `anny-api-secret: ${issued.anny_api_secret}`,
          'Keep both now: they are shown this once, and only their hashes are stored.',
        ];
  return [head, ...lines].join('\n');
}

function describeReplaced({ replaces, old_key_expires_at }: RotatedKey, overlapMs: number): string {
  return overlapMs === 0
    ? `The old key ${replaces} has ended.`
    : `The old key ${replaces} works until ${old_key_expires_at}.`;
}
