/** Draws the figures of `bench/growth.mjs`, each relative to the smallest size: flat is good. Both axes are logarithmic. */
const colours = ['#4269d0', '#e8833a', '#3ca951', '#9c6bd1', '#c0392b']
const WIDTH = 420
const HEIGHT = 260
const LEFT = 56
const TOP = 44
/** Decades of the upward axis. */
const LOWEST = 0.1
const HIGHEST = 1000

export function growthPlot(results) {
  const names = Object.keys(results[0]).filter((name) => /, (ms|CPU s a million)$/.test(name))
  const axes = [...new Set(results.map(({ axis }) => axis))]
  const panels = axes.map((axis, i) =>
    panel(
      axis,
      results.filter((of) => of.axis === axis),
      names,
      i * (WIDTH + 90),
    ),
  )
  const legendTop = TOP + HEIGHT + 64
  const legend = names.map((name, i) => {
    const y = legendTop + i * 20
    return `<rect x="${LEFT}" y="${y - 9}" width="14" height="4" fill="${colours[i]}"/><text x="${LEFT + 22}" y="${y}">${name}</text>`
  })
  const width = LEFT + axes.length * (WIDTH + 90)
  const height = legendTop + names.length * 20
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#333">
<rect width="100%" height="100%" fill="#fff"/>
${[...panels, ...legend].join('\n')}
</svg>
`
}

function panel(axis, rows, names, offset) {
  const sizes = rows.map(({ size }) => size)
  const first = Math.log(sizes[0])
  const span = Math.log(sizes.at(-1)) - first || 1
  const x = (size) => LEFT + offset + ((Math.log(size) - first) / span) * WIDTH
  const y = (ratio) => TOP + HEIGHT - (Math.log(ratio / LOWEST) / Math.log(HIGHEST / LOWEST)) * HEIGHT
  const parts = [
    `<text x="${LEFT + offset}" y="22" font-size="15" font-weight="600">cost by number of ${axis}, against ${sizes[0]}</text>`,
  ]
  for (let ratio = LOWEST; ratio <= HIGHEST; ratio *= 10) {
    const at = y(ratio).toFixed(1)
    const label = ratio < 1 ? ratio.toFixed(1) : Math.round(ratio)
    parts.push(`<path d="M${LEFT + offset} ${at}h${WIDTH}" stroke="#ddd"/>`)
    parts.push(`<text x="${LEFT + offset - 8}" y="${Number(at) + 4}" text-anchor="end">${label}×</text>`)
  }
  for (const size of sizes) {
    parts.push(`<text x="${x(size)}" y="${TOP + HEIGHT + 22}" text-anchor="middle">${size.toLocaleString('en')}</text>`)
  }
  for (const [i, name] of names.entries()) {
    const points = rows.map((row) => `${x(row.size).toFixed(1)},${y(row[name] / rows[0][name]).toFixed(1)}`)
    parts.push(`<polyline points="${points.join(' ')}" fill="none" stroke="${colours[i]}" stroke-width="2.5"/>`)
  }
  return parts.join('\n')
}
