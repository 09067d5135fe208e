/**
 * Lets readers finish before anything that they see is destroyed: a read holds a ticket, and a destruction waits until
 * all tickets that were out when it was asked for have come back.
 */

interface Retired {
  afterTicket: number
  destroy: () => void
}

export class Snapshots {
  readonly #tickets = new Set<number>()
  #next = 1
  #retired: Retired[] = []

  /** Begins a read; the returned function ends it. */
  enter(): () => void {
    const ticket = this.#next++
    this.#tickets.add(ticket)
    return () => {
      if (this.#tickets.delete(ticket)) this.#sweep()
    }
  }

  get readers(): number {
    return this.#tickets.size
  }

  retire(destroy: () => void): void {
    this.#retired.push({ afterTicket: this.#next - 1, destroy })
    this.#sweep()
  }

  #sweep(): void {
    // Tickets are handed out in ascending order, and a Set keeps it.
    const oldest = this.#tickets.values().next().value ?? Number.POSITIVE_INFINITY
    const due = this.#retired.filter((retired) => retired.afterTicket < oldest)
    if (due.length === 0) return
    this.#retired = this.#retired.filter((retired) => retired.afterTicket >= oldest)
    for (const { destroy } of due) destroy()
  }
}
