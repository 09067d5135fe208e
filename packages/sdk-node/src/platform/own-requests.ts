/** Which requests are deliveries of this SDK: whoever measures the host's HTTP leaves them out, or each would cause the next. */

/** Global, so that two copies of this package know each other's. */
const own = Symbol.for('telltale.own-agent')

export function markOwn<A extends object>(agent: A): A {
  return Object.defineProperty(agent, own, { value: true })
}

/** `agent`: of a request of `node:http`. */
export function isOwn(agent: object | undefined): boolean {
  return agent !== undefined && own in agent
}
