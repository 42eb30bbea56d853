// Every remediation, newest first.

import { Empty, ResourceName, Severity, Shown, Stage, When } from '../components/basic';
import { useLoaded } from '../resource';
import { replace, to } from '../router';
import type { RemediationSummary } from '../shapes';
import { inFlight, plural, stageText } from '../words';

const fits = (one: RemediationSummary, stage: string): boolean =>
  stage === '' || one.stage === stage || (stage === 'in_flight' && inFlight.includes(one.stage));

export function RemediationsPage({ query }: { query: URLSearchParams }) {
  const loaded = useLoaded<{ remediations: RemediationSummary[] }>('/remediations');
  const stage = query.get('stage') ?? '';
  return (
    <Shown loaded={loaded}>
      {({ remediations }) => {
        const stages = [
          ...new Set([
            'awaiting_approval',
            'resolved',
            'escalated',
            'rolled_back',
            'closed',
            ...remediations.map((one) => one.stage),
          ]),
        ];
        const shown = remediations.filter((one) => fits(one, stage));
        return (
          <>
            <div class="filters">
              <label>
                Stage
                <select
                  value={stage}
                  onChange={(event) =>
                    replace(to(['remediations'], { stage: event.currentTarget.value }))
                  }>
                  <option value="">all</option>
                  <option value="in_flight">In flight</option>
                  {stages.map((one) => (
                    <option key={one} value={one}>
                      {stageText(one)}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            <p class="hint" role="status">
              {plural(shown.length, 'remediation')} of {remediations.length}
            </p>
            {shown.length === 0 ? (
              <div class="card">
                <Empty>
                  {remediations.length === 0
                    ? 'No remediation was opened yet.'
                    : 'None is at this stage.'}
                </Empty>
              </div>
            ) : (
              <Table of={shown} />
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Table({ of }: { of: RemediationSummary[] }) {
  return (
    <div class="card table-card">
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Severity</th>
            <th scope="col">Remediation</th>
            <th scope="col">Resource</th>
            <th scope="col">Updated</th>
            <th scope="col">Stage</th>
          </tr>
        </thead>
        <tbody>
          {of.map((one) => (
            <tr key={one.id}>
              <td class="cell-severity">
                <Severity of={one.severity} />
              </td>
              <td class="cell-main">
                <a class="row-link" href={to(['remediations', one.id])}>
                  {one.title}
                </a>
                <span class="hint">
                  {[one.action.runbook ?? one.action.function, one.decision]
                    .filter(Boolean)
                    .join(' · ')}
                </span>
              </td>
              <td>
                <ResourceName of={one.resource} />
              </td>
              <td class="cell-time">
                <When at={one.updated_at} />
              </td>
              <td class="cell-stage">
                <Stage of={one.stage} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
