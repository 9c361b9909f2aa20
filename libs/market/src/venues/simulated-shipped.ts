/** The price files that ship with the product. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the prices of BTC/USDT and ETH/USDT that ship: found from the sources and from what is built of them. */
export const SHIPPED_PRICES: string = join(packageFolder(), 'libs', 'market', 'data');

/** What is built has no data of its own: it lies in the package, beside the sources. */
function packageFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) || dirname(folder) === folder) return folder;
  }
}
