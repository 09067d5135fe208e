/** Boards of what people do, and of what it earns. */
import { by, template, widget } from './template.js'

const events = 'events.tracked'

export const userActivity = template({
  id: 'user-activity',
  name: 'User activity',
  description: 'Who is here, and what they do.',
  tags: ['users'],
  needs: [{ metric: events, from: "counter('events.tracked'), counted beside track()" }],
  filters: [{ tag: 'event', label: 'Event' }],
  widgets: [
    widget('card', [0, 0, 6, 3], 'Visitors now', 'visitors.active', 'last'),
    widget('card', [6, 0, 6, 3], 'Events a second', events, 'rate'),
    widget('chart', [0, 3, 8, 6], 'Events a second by name', events, 'rate', { ...by('event'), chartType: 'stacked' }),
    widget('bar', [8, 3, 4, 6], 'Most frequent', events, 'sum', { ...by('event'), limit: 10 }),
    widget('chart', [0, 9, 12, 5], 'Visitors', 'visitors.active', 'max', { chartType: 'area' }),
  ],
})

export const business = template({
  id: 'business',
  name: 'Business figures',
  description: 'Orders, revenue and carts, by country.',
  tags: ['business'],
  needs: [
    { metric: 'orders.paid', from: "counter('orders.paid') in your code" },
    { metric: 'order.revenue', from: "counter('order.revenue') in your code" },
  ],
  filters: [{ tag: 'country', label: 'Country' }],
  widgets: [
    widget('card', [0, 0, 3, 3], 'Revenue', 'order.revenue', 'increase', { better: 'up' }),
    widget('card', [3, 0, 3, 3], 'Orders', 'orders.paid', 'increase', { better: 'up' }),
    widget('card', [6, 0, 3, 3], 'Order, median', 'order.amount', 'p50'),
    widget('card', [9, 0, 3, 3], 'Open carts', 'carts.open', 'last'),
    widget('chart', [0, 3, 8, 6], 'Revenue by country', 'order.revenue', 'increase', {
      ...by('country'),
      chartType: 'bar',
      fill: 'zero',
    }),
    widget('pie', [8, 3, 4, 6], 'Share of revenue', 'order.revenue', 'sum', by('country')),
    widget('heatmap', [0, 9, 6, 5], 'How orders are spread', 'order.amount'),
    widget('table', [6, 9, 6, 5], 'Countries', 'order.revenue', 'sum', by('country')),
  ],
})
