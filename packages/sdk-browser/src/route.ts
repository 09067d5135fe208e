/** The path of an address as an attribute: bounded in number, and free of what names a person or a thing. */

/** `/orders/1234/items/9f8b…` → `/orders/:id/items/:id`. The query string and the fragment are never kept. */
export function routeOf(path: string): string {
  return path
    .replace(/[?#].*/, '')
    .split('/')
    .map((part) => (/^\d+$|^[\da-f-]{16,}$|^(?=.*\d)[\w-]{20,}$|[@%]/i.test(part) ? ':id' : part))
    .join('/')
    .slice(0, 200)
}
