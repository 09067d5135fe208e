/** Prometheus as Debian packages it, by remote write: its own way in, acknowledged before its log is flushed to the disk. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import protobuf from 'protobufjs'
import { createSampler } from '../workload.mjs'
import { bySeries, bytesBelow, freePort, newFolder, promQl, startServer } from './process.mjs'

const binary = '/usr/bin/prometheus'

const schema = `
syntax = "proto3";
message Label { string name = 1; string value = 2; }
message Sample { double value = 1; int64 timestamp = 2; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; }
message WriteRequest { repeated TimeSeries timeseries = 1; }`

export const prometheus = {
  name: 'Prometheus (no durable acks)',
  missing: () => (existsSync(binary) ? undefined : 'apt-get install prometheus'),
  /** It takes ten times as long. */
  share: 0.2,
  /** Samples of a series must come in order. */
  senders: 1,

  bodies({ seriesCount, samples, rows, startMs }) {
    const sampler = createSampler({ seriesCount, startMs })
    const { root } = protobuf.parse(schema)
    const request = root.lookupType('WriteRequest')
    return Array.from({ length: samples / rows }, () => {
      const timeseries = bySeries(sampler, seriesCount, rows).map(({ series, times, values }) => {
        const { name, tags } = sampler.series(series)
        const labels = Object.entries({ __name__: name.replaceAll('.', '_'), ...tags })
          .map(([key, value]) => ({ name: key, value }))
          .sort((a, b) => (a.name < b.name ? -1 : 1))
        return { labels, samples: times.map((timestamp, i) => ({ timestamp, value: values[i] })) }
      })
      return snappy(request.encode({ timeseries }).finish())
    })
  },

  async start() {
    const folder = newFolder('prometheus')
    const port = await freePort()
    const config = join(folder, 'prometheus.yml')
    writeFileSync(config, 'global: {}\n')
    const args = [
      `--config.file=${config}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--storage.tsdb.path=${folder}/data`,
      '--web.enable-remote-write-receiver',
      '--web.enable-admin-api',
      '--log.level=error',
    ]
    const server = await startServer({ binary, args, port, folder, health: '/-/ready' })
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    }
    return {
      ...server,
      send: (body) => server.post('/api/v1/write', body, headers),
      /** A snapshot holds everything as blocks, the head too. */
      settle: () => server.post('/api/v1/admin/tsdb/snapshot', ''),
      diskBytes: () => bytesBelow(`${folder}/data/snapshots`),
      query: async (question) => (await server.get(promQl(question))).data.result.length,
    }
  },
}

/** Snappy's block format with literals alone, which any reader takes: nothing is compressed, and nothing has to be. */
function snappy(bytes) {
  const header = []
  let rest = bytes.length
  while (rest >= 128) {
    header.push((rest & 127) | 128)
    rest >>>= 7
  }
  header.push(rest)
  const length = bytes.length - 1
  header.push(62 << 2, length & 255, (length >> 8) & 255, (length >> 16) & 255)
  return Buffer.concat([Buffer.from(header), bytes])
}
