/**
 * Which way imports run. `docs/architecture.md` draws these arrows; `test/workshop/import-rules.test.ts` proves that each
 * rule bites.
 */
const test = '\\.(test|bench)(-d)?\\.ts$|/testing/|/conformance\\.ts$'
const doors = '/src/(index|main|api/index|store/worker|components/[^/]+/index|entries/[^/]+|script/widgets)\\.ts$'
const stageShared = '(model|config|errors|log|telemetry)\\.ts$'

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment:
        'A circle has no first file to run. Move what both need into a third. Types may name each other: they are gone when code runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere, or to a package that is not installed.',
      severity: 'error',
      from: {},
      // Types of the tags are made by the build, which comes after this check.
      to: { couldNotResolve: true, pathNot: '^@telltale/widgets/jsx$' },
    },
    {
      name: 'protocol-stands-alone',
      comment: 'protocol runs everywhere: it imports nothing of ours and nothing of Node.',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: test },
      to: { path: '^(packages|examples)/', pathNot: '^packages/protocol/src/|/node_modules/' },
    },
    {
      name: 'no-node-where-browsers-run',
      comment: 'protocol, sdk-core, sdk-browser and widgets run in browsers: no modules of Node.',
      severity: 'error',
      from: { path: '^packages/(protocol|sdk-core|sdk-browser|widgets)/src/', pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'wire-without-zod',
      comment: 'The codec and the sketch are bundled into SDKs: zod belongs to protocol/src/api alone.',
      severity: 'error',
      from: { path: '^packages/protocol/src/', pathNot: `^packages/protocol/src/api/|${test}` },
      to: { path: 'node_modules/zod/|^packages/protocol/src/api/' },
    },
    {
      name: 'sdk-core-on-protocol-only',
      comment: 'sdk-core → protocol, and nothing else of ours.',
      severity: 'error',
      from: { path: '^packages/sdk-core/src/', pathNot: test },
      to: { path: '^(packages|examples)/', pathNot: '^packages/(sdk-core|protocol)/src/|/node_modules/' },
    },
    {
      name: 'sdks-on-core-only',
      comment: 'sdk-node and sdk-browser → sdk-core → protocol; never each other.',
      severity: 'error',
      from: { path: '^packages/(sdk-node|sdk-browser)/src/', pathNot: test },
      to: { path: '^(packages|examples)/', pathNot: '^packages/($1|sdk-core|protocol)/src/|/node_modules/' },
    },
    {
      name: 'collector-on-protocol-only',
      comment: 'The collector knows the wire, not who speaks it.',
      severity: 'error',
      from: { path: '^packages/collector/src/', pathNot: test },
      to: { path: '^(packages|examples)/', pathNot: '^packages/(collector|protocol)/src/|/node_modules/' },
    },
    {
      name: 'widgets-on-protocol-types-only',
      comment: 'Widgets take types from protocol, and nothing else of ours.',
      severity: 'error',
      from: { path: '^packages/widgets/src/', pathNot: test },
      to: { path: '^(packages|examples)/', pathNot: '^packages/(widgets|protocol)/src/|/node_modules/' },
    },
    {
      name: 'widgets-take-no-code-of-protocol',
      comment: 'Only `import type`: the schemas would bring zod into every page.',
      severity: 'error',
      from: { path: '^packages/widgets/src/', pathNot: test },
      to: { path: '^packages/protocol/src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-without-lit',
      comment:
        'client/ is the data layer: it works without a tag, so it knows no controllers, no components and no Lit.',
      severity: 'error',
      from: { path: '^packages/widgets/src/client/', pathNot: test },
      to: { path: '^packages/widgets/src/(controllers|components)/|node_modules/(lit|lit-[^/]+|@lit)/' },
    },
    {
      name: 'stages-know-no-siblings',
      comment:
        'A stage of the collector imports the shared vocabulary and its own folder. collector.ts, main.ts and store/worker.ts wire stages to each other.',
      severity: 'error',
      from: { path: '^packages/collector/src/([^/]+)/', pathNot: `^packages/collector/src/store/worker\\.ts$|${test}` },
      to: {
        path: '^packages/collector/src/',
        pathNot: `^packages/collector/src/($1/|store/store\\.ts$|journal/index\\.ts$|${stageShared})`,
      },
    },
    {
      name: 'journal-belongs-to-the-store',
      comment: 'journal/ is the lower half of the storage thread: only store/ uses it, through its index.',
      severity: 'error',
      from: { path: '^packages/collector/src/', pathNot: `^packages/collector/src/(store|journal)/|${test}` },
      to: { path: '^packages/collector/src/journal/' },
    },
    {
      name: 'shared-vocabulary-knows-no-stage',
      comment: 'model, config, errors, log and telemetry lie below the stages.',
      severity: 'error',
      from: { path: `^packages/collector/src/${stageShared}` },
      to: { path: '^packages/collector/src/', pathNot: `^packages/collector/src/(store/store\\.ts$|${stageShared})` },
    },
    {
      name: 'no-tests-in-products',
      comment: 'Code that ships imports no test and no test helper.',
      severity: 'error',
      from: { path: '^(packages/[^/]+/(src|app)|examples/[^/]+/src)/', pathNot: test },
      to: { path: `${test}|node_modules/(vitest|@vitest|fast-check|playwright-core|axe-core)/` },
    },
    {
      name: 'no-unreached-modules',
      comment: 'Only tests use this module, or nothing does.',
      severity: 'error',
      from: { path: `^packages/[^/]+${doors}` },
      to: { path: '^packages/[^/]+/src/', pathNot: `${doors}|${test}|\\.d\\.ts$`, reachable: false },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/|/dist-|\\.config\\.ts$|__screenshots__' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@telltale/source', 'import', 'module', 'node', 'default', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
}
