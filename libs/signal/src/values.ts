/** How prices, sizes and moments are written in events. */

/** A plain positive decimal such as `"65000"` or `"0.00001234"`: no sign, no exponent. */
export type Decimal = string;

/** A moment, `2026-04-04T19:12:07.572Z`. */
export type Instant = string;
