// What is left to people and not settled: why, who was told, and who sees to it.

import { post } from '../api';
import { Act, type Deed } from '../components/act';
import { ResourceName, Shown, When } from '../components/basic';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Escalation } from '../shapes';
import { plural, reasonTexts } from '../words';

export function EscalationsPage() {
  const loaded = useLoaded<{ escalations: Escalation[] }>('/escalations');
  return (
    <Shown loaded={loaded}>
      {({ escalations }) => {
        const open = escalations.filter((one) => one.status === 'open');
        const seen = escalations.filter((one) => one.status !== 'open');
        return (
          <>
            <p class="hint" role="status">
              {plural(open.length, 'escalation')} that nobody sees to yet
              {seen.length > 0 && `; ${seen.length} acknowledged`}
            </p>
            {escalations.length === 0 ? (
              <div class="card calm">
                <p>Nothing is left to people.</p>
                <p class="hint">What fails, is stuck or comes back again appears here by itself.</p>
              </div>
            ) : (
              <ul class="approvals">
                {[...open, ...seen].map((one) => (
                  <Card key={one.id} of={one} again={loaded.again} />
                ))}
              </ul>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function acknowledgeDeed(of: Escalation, after: () => void): Deed {
  return {
    label: 'Acknowledge…',
    title: 'Do you see to it?',
    confirm: 'I see to it',
    tone: 'good',
    reason: 'optional',
    reasonLabel: 'Comment',
    explain: <p>Nobody else is told from now on. It stays open until it is settled.</p>,
    done: 'Acknowledged. Nobody else is told.',
    act: async (comment) => {
      await post(`/escalations/${encodeURIComponent(of.id)}/ack`, { comment });
      after();
    },
  };
}

// From the first who is told to the last; the next of them is told unless somebody sees to it before.
function Ladder({ of }: { of: Escalation }) {
  const next = of.status === 'open' && of.next;
  const reached = of.ladder.filter((rung) => rung.told).length;
  const upcoming = Math.min(reached, of.ladder.length - 1);
  return (
    <>
      {of.ladder.length > 0 && (
        <ol class="rungs" aria-label="Who is told, one after the other">
          {of.ladder.map((rung, i) => (
            <li key={i} class={rung.told ? 'told' : ''}>
              <b>{rung.tell}</b> <span class="hint">{rung.told ? 'told' : 'not yet'}</span>
              {next && i === upcoming && (
                <span class="hint">
                  {rung.told ? ', again at ' : ', at '}
                  <When at={next} exact />
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      <p class="hint">
        {of.told.length === 0
          ? 'Nobody was told yet.'
          : `${plural(of.told.length, 'message')} sent: ${of.told.join(', ')}.`}
      </p>
    </>
  );
}

function Card({ of, again }: { of: Escalation; again: () => void }) {
  const open = of.status === 'open';
  return (
    <li class={`card escalation tone-${open ? 'bad' : 'quiet'}`}>
      <div class="approval-top">
        <span class="stage">{reasonTexts[of.reason]}</span>
        <span class="hint">
          raised <When at={of.raised} />
        </span>
      </div>
      <h2>
        {of.remediation ? (
          <a href={to(['remediations', of.remediation])}>{of.subject}</a>
        ) : (
          of.subject
        )}
      </h2>
      {of.resource && (
        <p class="subject">
          <ResourceName of={of.resource} />
        </p>
      )}
      <Ladder of={of} />
      {of.acknowledged ? (
        <p class="prose">
          <b>{of.acknowledged.by}</b> sees to it since <When at={of.acknowledged.at} exact />
          {of.acknowledged.comment && `: ${of.acknowledged.comment}`}
        </p>
      ) : (
        <div class="buttons">
          <Act deed={acknowledgeDeed(of, again)} large />
        </div>
      )}
      {(of.finding || of.control) && (
        <p class="hint">
          {of.finding && <a href={to(['findings', of.finding])}>Finding</a>}
          {of.finding && of.control && ' of '}
          {of.control && <a href={to(['controls'], { id: of.control })}>{of.control}</a>}
        </p>
      )}
    </li>
  );
}
