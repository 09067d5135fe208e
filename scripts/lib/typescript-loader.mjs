/** `node --import` this file to run TypeScript sources as they are: benchmarks measure sources without a build. */
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
