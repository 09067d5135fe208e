/** The one set of module-level functions: `index.ts` exports it, and instruments record through it. */
import { createModuleFunctions, type ModuleFunctions } from '@telltale/sdk-core'
import { nodePlatform } from './platform/node.js'

export const sdk: ModuleFunctions = /*#__PURE__*/ createModuleFunctions(nodePlatform)
