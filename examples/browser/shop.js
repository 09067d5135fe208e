/** The page's own code: sdk.js has started the client by the attributes of its tag. */
const { track, withTaskMetrics, identify, counter, stats } = globalThis.telltale

identify('visitor-1', { plan: 'free' })
const added = counter('cart.added', { attributes: ['item'] })

const show = () => {
  document.querySelector('#title').textContent = location.hash.replace(/^#\//, '') || 'shoes'
}
addEventListener('hashchange', show)
show()

document.querySelector('#add').addEventListener('click', () => {
  const item = location.hash.replace(/^#\//, '') || 'shoes'
  added.add(1, { item })
  track('cart.changed', { item })
})
document
  .querySelector('#search')
  .addEventListener('click', () =>
    withTaskMetrics('search', () => new Promise((found) => setTimeout(found, 100 + Math.random() * 400))),
  )
document.querySelector('#fail').addEventListener('click', () => {
  throw new TypeError('the shop is closed')
})
setInterval(() => {
  document.querySelector('#books').textContent = JSON.stringify(stats(), null, 2)
}, 500)
