// API calls, planned and made, with exactly what goes into them.

import { pretty } from '../difference';
import type { Call, PlannedCall } from '../shapes';
import { Empty, Sentence } from './basic';

export function PlannedCalls({ of, empty }: { of: PlannedCall[]; empty: string }) {
  if (of.length === 0) return <Empty>{empty}</Empty>;
  return (
    <ol class="calls">
      {of.map((call, i) => (
        <li key={i}>
          <CallName service={call.service} operation={call.operation} />
          {call.reversible === false && <span class="tag tone-bad">irreversible</span>}
          <pre tabIndex={0}>
            <code>{pretty(call.input)}</code>
          </pre>
        </li>
      ))}
    </ol>
  );
}

const outcomes: Record<Call['status'], [string, string]> = {
  ok: ['returned', 'tone-good'],
  failed: ['failed', 'tone-bad'],
  open: ['outcome not known yet', 'tone-wait'],
};

export function MadeCalls({ of }: { of: Call[] }) {
  return (
    <ol class="calls made">
      {of.map((call) => {
        const [text, tone] = outcomes[call.status];
        return (
          <li key={call.token}>
            <details>
              <summary>
                <CallName service={call.service} operation={call.operation} />
                <span class={`tag ${tone}`}>{text}</span>
              </summary>
              <pre tabIndex={0}>
                <code>{pretty(call.input)}</code>
              </pre>
              {call.resources.length > 0 && <p class="hint">on {call.resources.join(', ')}</p>}
            </details>
            {call.error && (
              <p class="failure">
                <Sentence text={call.error} />
              </p>
            )}
          </li>
        );
      })}
    </ol>
  );
}

function CallName({ service, operation }: { service: string; operation: string }) {
  return (
    <span class="call-name">
      <span class="service">{service}</span> <b>{operation}</b>
    </span>
  );
}
