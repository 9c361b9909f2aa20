import type { View } from '#libs/sourcing';
import { signalsView } from './signals/view.ts';

export * from './signals/document.ts';
export * from './signals/exit-plan.ts';
export { SIGNAL_STREAM_PREFIX } from './signals/project.ts';
export { signalsView };

/** Every view that is kept. */
export const views: readonly View[] = [signalsView as unknown as View];
