import { ClientError } from '../client/errors.js'

export function noDashboard(): ClientError {
  return new ClientError(
    'no_dashboard',
    'No dashboard is current. Call loadDashboard(id) or createDashboard(config) first.',
  )
}
