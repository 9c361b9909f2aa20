/** Who may import whom: section "Layout" of the design. Tests are free; what they test is not. */
const TESTS = '(\\.spec\\.ts$|/testing/)';
const DOMAINS = '^libs/(signal|channel|account|market)/src/';

/** `from` may import nothing of the project but itself and `allowed`. */
const only = (name, comment, from, allowed = []) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: TESTS },
  to: { path: '^(apps|libs|test)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    ...['signal', 'channel', 'account'].map((lib) =>
      only(`${lib}-alone`, 'A domain imports nothing of the rest.', `^libs/${lib}/src/`),
    ),
    only(
      'market-core-alone',
      "The market's core imports nothing of the rest, nor its venues: only its door opens on both.",
      '^libs/market/src/(?!venues/|index\\.ts)',
    ),
    only('market-venues', 'Venues are the edge of the market.', '^libs/market/src/(venues/|index\\.ts)', [
      '^libs/market/src/',
    ]),
    only('sourcing-alone', 'The kernel knows no domain.', '^libs/sourcing/src/'),
    only('views-inward', 'Views fold the events of domains.', '^libs/views/src/', [DOMAINS, '^libs/sourcing/src/']),
    only('stores-inward', 'A store knows the ports and no view.', '^libs/stores/src/', [
      '^libs/sourcing/src/',
      '^libs/views/src/port',
    ]),
    {
      name: 'pure-no-machine',
      comment: 'What decides and projects reads no clock, file or network.',
      severity: 'error',
      from: { path: '^libs/(signal|channel|account|views)/src/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-framework-in-libs',
      comment: 'Nest is the shell.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: 'node_modules/(@nestjs|@fastify|fastify|class-validator|class-transformer|rxjs)/' },
    },
    {
      name: 'dialects-apart',
      comment: 'A dialect knows what all share, never another dialect.',
      severity: 'error',
      from: { path: '^apps/server/src/dialects/([^/]+)/', pathNot: TESTS },
      to: {
        path: '^apps/',
        pathNot: [
          '^apps/server/src/dialects/$1/',
          '^apps/server/src/(http|signals|accounts)/',
          '^apps/server/src/[^/]+\\.ts$',
        ],
      },
    },
    {
      name: 'dialects-below-wiring',
      comment: 'Wiring knows the dialects, not the other way round.',
      severity: 'error',
      from: { path: '^apps/server/src/(dialects|http|signals|accounts)/', pathNot: TESTS },
      to: { path: '^apps/server/src/(main|server\\.module|projector[^/]*)\\.ts$' },
    },
    {
      name: 'shared-below-dialects',
      comment: 'What dialects share knows none of them.',
      severity: 'error',
      from: { path: '^apps/server/src/(http|signals|accounts|operations)/', pathNot: TESTS },
      to: { path: '^apps/server/src/dialects/' },
    },
    {
      name: 'stores-only-wired',
      comment: 'Only the wiring knows which store is in use.',
      severity: 'error',
      from: {
        path: '^apps/',
        pathNot: [
          TESTS,
          '^apps/server/src/(server\\.module|projector[^/]*|market/market\\.thread)\\.ts$',
          '^apps/cli/src/wiring\\.ts$',
        ],
      },
      to: { path: '^libs/stores/' },
    },
    {
      name: 'no-test-code',
      comment: 'What ships imports no test code.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: TESTS },
      to: { path: ['^test/', TESTS] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['mono-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
