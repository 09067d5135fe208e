/** A web site for tests of pages: what it serves can be changed while it runs, and it notes what it was asked. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Reply {
  body: string
  type?: string
  headers?: Record<string, string>
}

export class Site {
  readonly #server: Server
  readonly #replies = new Map<string, Reply>()

  private constructor(server: Server) {
    this.#server = server
  }

  /** Unknown paths get the reply of `*`, where there is one. */
  static async start(): Promise<Site> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').replace(/[?#].*/, '')
      const reply = site.#replies.get(path) ?? site.#replies.get('*')
      response.writeHead(reply ? 200 : 404, { 'content-type': reply?.type ?? 'text/html', ...reply?.headers })
      response.end(reply?.body)
    })
    const site: Site = new Site(server)
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    return site
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  set(path: string, reply: Reply): void {
    this.#replies.set(path, reply)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}
