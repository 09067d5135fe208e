/** What the compiler says to names that a user has registered, and to a user who has registered none. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const index = fileURLToPath(new URL('./index.ts', import.meta.url))
const file = fileURLToPath(new URL('./register.fixture.ts', import.meta.url))

/** Line numbers, from 1, of the errors in a program that has a client. */
function errorLines(register: string, program: string[]): number[] {
  const text = [
    `import type { Client } from '${index.replace(/index\.ts$/, 'index.js')}'; declare const client: Client; ${register}`,
    ...program,
  ].join('\n')
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: [],
    customConditions: ['@telltale/source'],
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (name, version) =>
    name === file ? ts.createSourceFile(name, text, version) : getSourceFile(name, version)
  host.fileExists = (name) => name === file || fileExists(name)
  host.readFile = (name) => (name === file ? text : readFile(name))
  const compiled = ts.createProgram([file], options, host)
  const source = compiled.getSourceFile(file)
  return compiled.getSemanticDiagnostics(source).map(({ start }) => source!.getLineAndCharacterOfPosition(start!).line)
}

const program = [
  `client.track('invoice.paid', { amount: 42, 'org.id': 'acme' })`,
  `client.track('page.opened')`,
  `client.track('invoice.payed', { amount: 42, 'org.id': 'acme' })`,
  `client.track('invoice.paid', { amount: '42', 'org.id': 'acme' })`,
  `client.counter('jobs').add(1, { route: '/a' })`,
  `client.counter('jobs').add(1, { rout: '/a' })`,
  `client.histogram('ms', { attributes: ['route', 'status'] }).with({ route: '/a', status: 200 }).record(1)`,
  `client.histogram('ms', { attributes: ['rout'] })`,
]

it('takes only what is registered', () => {
  const register = `declare global { namespace Telltale { interface Register {
    events: { 'invoice.paid': { amount: number; 'org.id': string }; 'page.opened': {} }
    attributes: { route: string; status: string | number } } } }`
  expect(errorLines(register.replace(/\n/g, ' '), program)).toEqual([3, 4, 6, 8])
}, 60_000)

it('takes any name where nothing is registered', () => {
  expect(errorLines('', program)).toEqual([])
}, 60_000)
