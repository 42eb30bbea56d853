// Every run of a runbook, newest first.

import { Empty, shortId, Shown, When } from '../components/basic';
import { Rows } from '../components/rows';
import { useLoaded } from '../resource';
import { replace, to } from '../router';
import type { ExecutionSummary, RemediationSummary } from '../shapes';
import { duration, useNow } from '../when';
import { plural, resourceText, statusText, statusTone } from '../words';

const running = new Set(['Pending', 'InProgress', 'Waiting', 'Cancelling']);
const fits = (one: ExecutionSummary, status: string): boolean =>
  status === '' || one.status === status || (status === 'running' && running.has(one.status));

export function ExecutionsPage({ query }: { query: URLSearchParams }) {
  const loaded = useLoaded<{ executions: ExecutionSummary[] }>('/executions');
  const remediations = useLoaded<{ remediations: RemediationSummary[] }>('/remediations').data;
  const about = new Map(remediations?.remediations.map((one) => [one.id, one]));
  const status = query.get('status') ?? '';
  return (
    <Shown loaded={loaded}>
      {({ executions }) => {
        const shown = executions.filter((one) => fits(one, status));
        const known = [...new Set(executions.map((one) => one.status))].sort();
        return (
          <>
            <div class="filters">
              <label>
                Status
                <select
                  value={status}
                  onChange={(event) =>
                    replace(to(['executions'], { status: event.currentTarget.value }))
                  }>
                  <option value="">all</option>
                  <option value="running">Under way</option>
                  {known.map((one) => (
                    <option key={one} value={one}>
                      {statusText(one)}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            <p class="hint" role="status">
              {plural(shown.length, 'execution')} of {executions.length}
            </p>
            {shown.length === 0 ? (
              <div class="card">
                <Empty>
                  {executions.length === 0
                    ? 'No runbook was run yet.'
                    : 'No execution has this status.'}
                </Empty>
              </div>
            ) : (
              <Rows of={shown} head={['Runbook', 'For', 'Started', 'Took', 'Status']}>
                {(one) => <Row key={one.id} of={one} about={about.get(one.remediation ?? '')} />}
              </Rows>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Row({ of, about }: { of: ExecutionSummary; about: RemediationSummary | undefined }) {
  return (
    <tr>
      <td class="cell-main">
        <a class="row-link" href={to(['executions', of.id])}>
          {of.document}
        </a>
        <span class="hint">
          <code title={of.id}>{shortId(of.id)}</code>
        </span>
      </td>
      <td>
        {about ? (
          <>
            {about.title}
            <span class="hint block">{resourceText(about.resource)}</span>
          </>
        ) : (
          <span class="hint">{of.remediation ? shortId(of.remediation) : 'Started by itself'}</span>
        )}
      </td>
      <td class="cell-time">
        <When at={of.started_at} />
      </td>
      <td class="cell-time">
        <Took from={of.started_at} to={of.ended_at} />
      </td>
      <td class="cell-stage">
        <span class={`stage tone-${statusTone(of.status)}`}>{statusText(of.status)}</span>
      </td>
    </tr>
  );
}

// So far, while it goes on.
export function Took({ from, to: until }: { from: string; to: string | null | undefined }) {
  const now = useNow(1000);
  const end = until ? Date.parse(until) : now;
  return <>{duration(end - Date.parse(from))}</>;
}
