/** `@telltale/sdk-node/redis`: one instrument, on the same client as the main entry. */
export { instrumentRedis, type RedisClient, type RedisInstrumentOptions } from '@telltale/sdk-node'
