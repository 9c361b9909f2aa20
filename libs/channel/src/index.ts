export * from './decide.ts';
export {
  type ApiKey,
  type Channel,
  type Directory,
  emptyDirectory,
  evolve as evolveDirectory,
  foldDirectory,
  keysByHash,
  type Strategy,
} from './directory.ts';
export * from './errors.ts';
export * from './events.ts';
