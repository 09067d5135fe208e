/** CSS variables → colours that a canvas takes: it knows neither `var()` nor `light-dark()`, so the browser resolves them here. */

import type { PlotColors } from '../chart/colors.js'
import { seriesColors } from '../chart/palette.js'

export function readPlotColors(root: ShadowRoot): PlotColors {
  const probe = document.createElement('i')
  probe.hidden = true
  // Forced colours would make all series one colour, and the canvas is not forced.
  probe.style.setProperty('forced-color-adjust', 'none')
  root.append(probe)
  const computed = getComputedStyle(probe)
  const resolve = (name: string): string => {
    probe.style.color = `var(--_${name})`
    return computed.color
  }
  const colors: PlotColors = {
    series: seriesColors.map((_, i) => resolve(`s${i}`)),
    ink: resolve('ink'),
    surface: resolve('surface'),
    info: resolve('accent'),
    good: resolve('good'),
    warning: resolve('warn'),
    critical: resolve('bad'),
    muted: resolve('muted'),
    grid: resolve('grid'),
    font: computed.fontFamily,
  }
  probe.remove()
  return colors
}
