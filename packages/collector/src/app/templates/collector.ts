/** The board of the collector itself: what it takes in, answers, keeps and needs. */
import { by, template, widget } from './template.js'

const ack = 'telltale.ingest_ack_seconds'
const query = 'telltale.query_seconds'
const delay = 'telltale.event_loop_delay_seconds'
const memory = 'telltale.process_resident_memory_bytes'

export const collector = template({
  id: 'collector',
  name: 'The collector itself',
  description: 'Ingest, acknowledgements, queries, streams, storage, memory and event loop of this collector.',
  tags: ['system'],
  needs: [{ metric: memory, from: 'the collector, where selfMetricsInterval is not 0s' }],
  widgets: [
    widget('card', [0, 0, 3, 3], 'Rows a second', 'telltale.ingest_rows_total', 'rate'),
    widget('card', [3, 0, 3, 3], 'Acknowledged, p99', ack, 'p99', { better: 'down' }),
    widget('card', [6, 0, 3, 3], 'Queries, p95', query, 'p95', { better: 'down' }),
    widget('card', [9, 0, 3, 3], 'Memory', memory, 'last', { better: 'down' }),
    widget('chart', [0, 3, 6, 5], 'Rows a second by signal', 'telltale.ingest_rows_total', 'rate', {
      ...by('signal'),
      chartType: 'stacked',
    }),
    widget('heatmap', [6, 3, 6, 5], 'Time to the acknowledgement', ack),
    widget('chart', [0, 8, 6, 5], 'Query time by kind, p95', query, 'p95', by('kind')),
    widget('chart', [6, 8, 6, 5], 'Metric queries by how they were answered', 'telltale.query_cache_total', 'rate', {
      ...by('outcome'),
      chartType: 'stacked',
    }),
    widget('chart', [0, 13, 4, 5], 'CPU', 'telltale.process_cpu_seconds_total', 'rate', {
      chartType: 'area',
      unit: 'cores',
    }),
    widget('chart', [4, 13, 4, 5], 'Memory over time', memory, 'max', { chartType: 'area' }),
    widget('chart', [8, 13, 4, 5], 'Event-loop delay by quantile', delay, 'max', {
      ...by('quantile'),
      thresholds: '0.02:warning,0.1:critical',
    }),
    widget('chart', [0, 18, 6, 5], 'Bytes of segment files', 'telltale.segment_bytes', 'last', { chartType: 'area' }),
    widget('chart', [6, 18, 6, 5], 'Journal that is not sealed yet', 'telltale.journal_bytes', 'max', {
      chartType: 'area',
    }),
    widget('card', [0, 23, 3, 3], 'Series', 'telltale.series', 'last'),
    widget('card', [3, 23, 3, 3], 'Segment files', 'telltale.segments', 'last'),
    widget('card', [6, 23, 3, 3], 'Merges of files', 'telltale.compactions_total', 'sum'),
    widget('card', [9, 23, 3, 3], 'Batches that wait', 'telltale.ingest_waiting', 'max', { better: 'down' }),
    widget('chart', [0, 26, 6, 5], 'Rows refused a second, by reason', 'telltale.ingest_rejected_total', 'rate', {
      ...by('reason'),
      chartType: 'bar',
    }),
    widget('chart', [6, 26, 6, 5], 'Streams and subscriptions', 'telltale.stream_subscriptions', 'max', {
      chartType: 'area',
    }),
    widget(
      'table',
      [0, 31, 12, 7],
      'Requests by route, p95',
      'telltale.http_request_seconds',
      'p95',
      by('route', 'status'),
    ),
  ],
})
