/**
 * Types that the user adds: names of events with their properties, and keys of metric attributes. Nothing here exists at run
 * time.
 *
 *   declare global {
 *     namespace Telltale {
 *       interface Register {
 *         events: { 'invoice.paid': { amount: number; 'org.id': string }; 'page.opened': {} }
 *         attributes: { route: string; status: string | number }
 *       }
 *     }
 *   }
 */
import type { AnyAttributes, Properties } from './attributes.js'

declare global {
  // biome-ignore lint/style/noNamespace: what is global, and can be added to, is an interface in a namespace.
  namespace Telltale {
    /** Empty until the user adds to it: then any name is good. */
    interface Register {}
  }
}

/** Names that `track` takes. */
export type EventName = Telltale.Register extends { events: infer E } ? keyof E & string : string

/** Properties of one event. */
export type EventProperties<N extends EventName> = Telltale.Register extends { events: infer E }
  ? N extends keyof E
    ? Readonly<E[N]>
    : never
  : Properties

/** What tells series of a metric apart. */
export type Attributes = Telltale.Register extends { attributes: infer A } ? Readonly<Partial<A>> : AnyAttributes

/** A key of `Attributes`. */
export type AttributeName = Telltale.Register extends { attributes: infer A } ? keyof A & string : string
