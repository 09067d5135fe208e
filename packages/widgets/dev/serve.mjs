/** Serves the development page: `node packages/widgets/dev/serve.mjs [port]`. Rebuilt on every reload. */

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { build } from 'esbuild'

const here = new URL('.', import.meta.url)

export async function bundle(minify = false) {
  const { outputFiles } = await build({
    entryPoints: [new URL('dev.ts', here).pathname],
    bundle: true,
    write: false,
    minify,
    format: 'esm',
    target: 'es2022',
    conditions: ['@telltale/source'],
  })
  return outputFiles[0].text
}

export function serve(port = 0) {
  const server = createServer(async (request, response) => {
    const path = request.url === '/' ? 'index.html' : request.url.slice(1)
    try {
      if (path === 'dev.js') return response.setHeader('content-type', 'text/javascript').end(await bundle())
      // Browsers ask for it by themselves; a refusal would be an error of the page.
      if (path === 'favicon.ico') return response.writeHead(204).end()
      if (path !== 'index.html' && path !== 'dev.css') return response.writeHead(404).end()
      response.setHeader('content-type', path.endsWith('css') ? 'text/css' : 'text/html')
      response.end(await readFile(new URL(path, here)))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const server = await serve(Number(process.argv[2] ?? 0))
  console.log(`http://127.0.0.1:${server.address().port}/`)
}
