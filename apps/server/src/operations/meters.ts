/** What is counted while the server works, each by whoever does it: plain numbers, read when they are asked for. */
import { MarketMeter } from './market-counts.ts';
import { DirectoryMeter } from './measured-directory.ts';
import { AppendMeter } from './measured-event-store.ts';
import { CommandMeter } from './measured-handle.ts';
import { RequestMeter } from './request-durations.ts';

export interface Meters {
  readonly appends: AppendMeter;
  readonly commands: CommandMeter;
  readonly requests: RequestMeter;
  readonly directory: DirectoryMeter;
  readonly market: MarketMeter;
}

export function createMeters(): Meters {
  return {
    appends: new AppendMeter(),
    commands: new CommandMeter(),
    requests: new RequestMeter(),
    directory: new DirectoryMeter(),
    market: new MarketMeter(),
  };
}
