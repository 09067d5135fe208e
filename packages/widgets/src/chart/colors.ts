/** The colours and the face that a canvas is painted with, resolved: it knows neither `var()` nor `light-dark()`. */

export interface PlotColors {
  series: readonly string[]
  ink: string
  surface: string
  info: string
  good: string
  warning: string
  critical: string
  muted: string
  grid: string
  font: string
}
