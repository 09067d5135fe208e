/** API keys. */
import { z } from 'zod'

export const Scope = z
  .enum(['ingest', 'read', 'admin'])
  .meta({ id: 'Scope', description: 'admin includes read and ingest.' })
export type Scope = z.infer<typeof Scope>
