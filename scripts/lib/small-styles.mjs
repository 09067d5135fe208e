/** An esbuild plugin for the widgets: takes comments and needless white space out of lit's `css` and `html` templates. */
import { readFile } from 'node:fs/promises'

const cssTemplate = /\bcss`((?:[^`\\]|\\.)*)`/g
const expression = /\$\{[^{}]*\}/g

/** Between expressions, which stay as they are. */
export function smallCss(css) {
  const kept = css.match(expression) ?? []
  return css
    .split(expression)
    .map((text) =>
      text
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/\s+/g, ' ')
        .replace(/ ?([{};,]) ?/g, '$1')
        .replace(/: /g, ':')
        .replace(/;}/g, '}'),
    )
    .reduce((all, text, i) => all + kept[i - 1] + text)
}

/** Line breaks and indentation between and inside of tags count as one space anyway. */
export function smallSource(source) {
  return source.replace(cssTemplate, (_, css) => `css\`${smallCss(css).trim()}\``).replace(/\n[ \t]+/g, '\n')
}

export const smallStyles = {
  name: 'small-styles',
  setup(build) {
    build.onLoad({ filter: /packages\/widgets\/src\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return { contents: smallSource(source), loader: 'ts' }
    })
  },
}
