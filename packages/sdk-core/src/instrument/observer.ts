/** A gauge that is read by the SDK, at each flush, instead of being set by the host. */
import type { Attributes } from '../register.js'
import type { GaugeInstrument } from './instrument.js'

export interface ObserveOptions {
  /** Attributes of the series. Default: none. */
  attributes?: Attributes
  /** Unit of the values. Default: none. */
  unit?: string
  /** What the metric tells, for people. Default: none. */
  description?: string
}

export class Observer {
  readonly #gauge: GaugeInstrument
  readonly #read: () => number
  readonly #attributes: Attributes | undefined

  constructor(gauge: GaugeInstrument, read: () => number, attributes: Attributes | undefined) {
    this.#gauge = gauge
    this.#read = read
    this.#attributes = attributes
  }

  run(onError: (name: string, error: unknown) => void): void {
    let value: number
    try {
      value = this.#read()
    } catch (error) {
      onError(this.#gauge.spec.name, error)
      return
    }
    this.#gauge.set(value, this.#attributes)
  }
}
