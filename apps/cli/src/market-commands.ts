/** `settle`, `quote`: the operator's hand on the market, and his look at it. */
import { type Command, Option } from 'commander';
import type { MarketSide } from '#libs/market';
import { printResult } from './output.ts';
import { describeQuote, quote } from './quote.ts';
import { describeSettled, OUTCOMES, settleByHand, type Settling } from './settle.ts';
import { globalOptions, withLedger } from './wiring.ts';

interface SettleOptions extends Omit<Settling, 'signalId' | 'price'> {
  readonly price?: string;
}

interface QuoteOptions {
  readonly side?: MarketSide;
  readonly reference: boolean;
}

export function marketCommands(program: Command): void {
  program
    .command('settle')
    .description(
      'settle a signal by hand where no venue tells its result, or correct how it was settled; its record says so',
    )
    .argument('<signal_id>', '32 hex digits, with or without dashes')
    .addOption(
      new Option('--outcome <outcome>', 'how it ended; void: given back at cost; expired: never entered')
        .choices(OUTCOMES)
        .makeOptionMandatory(),
    )
    .option('--price <price>', 'what the rest was closed at, or the side taken paid; without it no figures are told')
    .requiredOption('--reason <text>', 'why, for those who read the history')
    .requiredOption('--evidence <text>', 'what it rests on: where the outcome was seen, and when')
    .action(async (signalId: string, { price, ...told }: SettleOptions, command: Command) => {
      const { settings, json } = globalOptions(command);
      const settled = await withLedger(
        settings,
        ({ events }) => settleByHand(events, { ...told, signalId, price: price ?? null }),
        { existing: true },
      );
      printResult(json, settled, describeSettled);
    });

  program
    .command('quote')
    .description('ask a venue what it knows of an instrument and its price, as the server would; it need not run')
    .argument('<venue>', 'kalshi, polymarket, simulated, or an exchange that ccxt knows (binance, bybit, …)')
    .argument('<symbol>', 'BTC/USDT, a Kalshi ticker, a Polymarket conditionId')
    .addOption(new Option('--side <side>', 'of a prediction market; default both').choices(['yes', 'no']))
    .option('--no-reference', "don't compare a coin's price with that of CoinGecko")
    .action(async (venue: string, symbol: string, { side, reference }: QuoteOptions, command: Command) => {
      const { settings, json } = globalOptions(command);
      const quoted = await quote(settings, { venue, symbol, side: side ?? null, reference });
      printResult(json, quoted, describeQuote);
    });
}
