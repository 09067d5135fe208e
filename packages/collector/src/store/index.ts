/** The store: the port, the built-in engine, and the proxy that runs it in a thread of its own. */
export { createEngine, type EngineOptions } from './engine.js'
export { type Log, type LogLevel, resolveOptions, type StoreOptions, storeDefaults } from './options.js'
export { createStore } from './remote-store.js'
