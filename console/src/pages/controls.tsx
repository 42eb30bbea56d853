// What is required, how bad it is when it is not met, and what sets it right.

import { Empty, Facts, Severity, Shown, type Fact } from '../components/basic';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Control } from '../shapes';
import { actionText, plural, sentence, severityRank, typeText } from '../words';

export function ControlsPage({ query }: { query: URLSearchParams }) {
  const loaded = useLoaded<{ controls: Control[] }>('/controls');
  return (
    <Shown loaded={loaded}>
      {({ controls }) => {
        const sorted = [...controls].sort(
          (a, b) =>
            Number(b.enabled) - Number(a.enabled) ||
            severityRank(a.severity) - severityRank(b.severity) ||
            a.title.localeCompare(b.title),
        );
        const enabled = controls.filter((one) => one.enabled).length;
        return (
          <>
            <p class="hint" role="status">
              {enabled} of {plural(controls.length, 'control')} enabled by the policy
            </p>
            {sorted.length === 0 ? (
              <div class="card">
                <Empty>The catalog holds no control.</Empty>
              </div>
            ) : (
              <ul class="controls">
                {sorted.map((one) => (
                  <Row key={one.id} of={one} open={query.get('id') === one.id} />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Row({ of, open }: { of: Control; open: boolean }) {
  return (
    <li class={`card control${of.enabled ? '' : ' disabled'}`}>
      <details open={open}>
        <summary>
          <Severity of={of.severity} />
          <span class="control-title">
            {of.title}
            <span class="hint">
              {of.id} · {typeText(of.resource_type)}
            </span>
          </span>
          <span class="control-state">
            {!of.enabled ? (
              <span class="stage tone-quiet">not enabled</span>
            ) : of.open_findings > 0 ? (
              <span class="stage tone-bad">{of.open_findings} open</span>
            ) : (
              <span class="stage tone-good">met</span>
            )}
          </span>
        </summary>
        <div class="control-body">
          {of.description && <p class="prose">{of.description}</p>}
          <Facts
            of={[
              ['Set right by', sentence(actionText(of.remediation))],
              [
                'Who decides',
                of.decision
                  ? sentence(of.decision)
                  : of.automatic
                    ? 'Automatic'
                    : "The policy's rules",
              ],
              ...(of.risk ? [['Risk of the fix', of.risk] as Fact] : []),
              ...(of.rule ? [['Rule', <code>{of.rule}</code>] as Fact] : []),
              ...Object.entries(of.references ?? {}).map(([name, text]): Fact => [name, text]),
              [
                'Findings',
                <a href={to(['findings'], { control: of.id, status: 'all' })}>
                  {of.open_findings} open; show all
                </a>,
              ],
            ]}
          />
        </div>
      </details>
    </li>
  );
}
