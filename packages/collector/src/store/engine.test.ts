import { describeStore } from './conformance.js'
import { createEngine } from './engine.js'
import { keepForever, newFolder, removeFolder } from './testing/places.js'

describeStore('engine', {
  create: (dataDir) => createEngine({ dataDir, threads: 2, memoryLimitMb: 512, retention: keepForever }),
  newPlace: newFolder,
  removePlace: removeFolder,
  runs: Number(process.env.TELLTALE_STORE_RUNS ?? 25),
})
