/** Telltale in React 19: tags are JSX, their events are `on` and the event's name. */
import '@telltale/widgets'
import type { SelectDetail } from '@telltale/widgets'
import type {} from '@telltale/widgets/jsx'
import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'

const { VITE_TELLTALE_ENDPOINT: endpoint, VITE_TELLTALE_TOKEN: token } = import.meta.env

function Tasks() {
  const [chosen, setChosen] = useState('')
  const choose = ({ detail }: CustomEvent<SelectDetail>) => setChosen(detail.series.tags['task.type'] ?? '')
  return (
    <metric-provider endpoint={endpoint} token={token}>
      <div className="row">
        <metric-card title="Runs" metric="runs" aggregation="sum" range="15m" />
        <metric-bar
          title="By type"
          metric="runs"
          aggregation="sum"
          group-by="task.type"
          range="15m"
          onmetric-select={choose}
        />
      </div>
      <p id="chosen">{chosen ? `Chosen: ${chosen}` : 'Click a bar.'}</p>
      <metric-chart
        title={chosen ? `Runs of ${chosen}` : 'Runs'}
        metric="runs"
        aggregation="sum"
        group-by="task.type"
        filters={chosen ? `task.type=${chosen}` : ''}
        range="15m"
      />
    </metric-provider>
  )
}

createRoot(document.querySelector('#app')!).render(
  <StrictMode>
    <h1>Tasks in React</h1>
    <Tasks />
  </StrictMode>,
)
