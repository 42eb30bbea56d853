// What is done to several findings at once. A fix of many is many fixes: each has a plan of its own that is rehearsed
// and shown first, and only what was shown is carried out.

import { useEffect, useState } from 'preact/hooks';
import { post } from '../api';
import { blastRadius } from '../difference';
import type { Finding, Plan } from '../shapes';
import { plural, resourceText } from '../words';
import { announce } from './announce';
import { Dialog } from './dialog';
import { ExceptionDialog } from './exception';

export function BulkBar({
  of,
  clear,
  again,
}: {
  of: Finding[];
  clear: () => void;
  again: () => void;
}) {
  const [doing, setDoing] = useState<{ what: 'fix' | 'except'; to: Finding[] }>();
  if (of.length === 0 && !doing) return null;
  const close = () => setDoing(undefined);
  const after = () => {
    clear();
    again();
  };
  return (
    <div class="bulk" role="region" aria-label="What is chosen">
      <b>{of.length} chosen</b>
      <div class="buttons">
        <button type="button" class="quiet" onClick={clear}>
          Clear
        </button>
        <button type="button" onClick={() => setDoing({ what: 'except', to: of })}>
          Leave alone…
        </button>
        <button
          type="button"
          class="act act-good"
          onClick={() => setDoing({ what: 'fix', to: of })}>
          Fix…
        </button>
      </div>
      {doing?.what === 'fix' && <FixDialog of={doing.to} close={close} after={after} />}
      {doing?.what === 'except' && <ExceptionDialog of={doing.to} close={close} after={after} />}
    </div>
  );
}

type Made = { plan: Plan } | { error: string };

// Plans are made one after another, so that a long list does not crowd the engine.
function usePlans(of: Finding[]): Map<string, Made> {
  const [made, setMade] = useState<Map<string, Made>>(new Map());
  useEffect(() => {
    let stopped = false;
    const make = async () => {
      for (const { id } of of) {
        if (stopped) return;
        const one = await post<Plan>(`/findings/${encodeURIComponent(id)}/plan`, {}).then(
          (plan): Made => ({ plan }),
          (error: unknown): Made => ({
            error: error instanceof Error ? error.message : String(error),
          }),
        );
        setMade((before) => new Map(before).set(id, one));
      }
    };
    void make();
    return () => void (stopped = true);
  }, []);
  return made;
}

function FixDialog({ of, close, after }: { of: Finding[]; close: () => void; after: () => void }) {
  const made = usePlans(of);
  const ready = of.flatMap((finding) => {
    const one = made.get(finding.id);
    return one && 'plan' in one && one.plan.writes.length > 0 ? [{ finding, plan: one.plan }] : [];
  });
  const act = async () => {
    const refused: string[] = [];
    for (const { finding, plan } of ready)
      await post(`/findings/${encodeURIComponent(finding.id)}/fix`, { plan_hash: plan.hash }).catch(
        (error: unknown) =>
          refused.push(
            `${finding.resource.id}: ${error instanceof Error ? error.message : String(error)}`,
          ),
      );
    if (refused.length === ready.length) throw new Error(refused.join(' '));
    announce(
      refused.length === 0
        ? `${plural(ready.length, 'remediation')} opened.`
        : `${ready.length - refused.length} of ${ready.length} opened. ${refused.join(' ')}`,
    );
    after();
  };
  const rehearsing = made.size < of.length;
  return (
    <Dialog
      title={`Carry out ${plural(of.length, 'plan')}?`}
      confirm={ready.length === of.length ? 'Fix' : `Fix ${ready.length} of ${of.length}`}
      tone="good"
      ready={!rehearsing && ready.length > 0}
      focusTitle
      wide
      act={act}
      done=""
      close={close}>
      {() => (
        <>
          <p class="hint" role="status">
            {rehearsing
              ? `Rehearsing: ${made.size} of ${of.length}`
              : 'What each would change was rehearsed just now. Exactly these plans are carried out, and approvals are asked for where the policy says so.'}
          </p>
          <ul class="bulk-plans">
            {of.map((finding) => (
              <li key={finding.id}>
                <b class="name">{resourceText(finding.resource)}</b>
                <Outcome of={made.get(finding.id)} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function Outcome({ of }: { of: Made | undefined }) {
  if (!of) return <span class="hint">…</span>;
  if ('error' in of) return <span class="tone-text tone-bad">{of.error}</span>;
  const { plan } = of;
  if (plan.writes.length === 0) return <span class="hint">Nothing would change.</span>;
  const radius = blastRadius(plan);
  const warnings = [
    ...(plan.reversible ? [] : ['not fully reversible']),
    ...(plan.unrehearsed.length > 0 ? ['not all rehearsed'] : []),
    ...(plan.harmed.length > 0 ? [`makes ${plan.harmed.join(', ')} fail`] : []),
    ...(plan.disruption === 'restart' || plan.disruption === 'stop'
      ? [`a ${plan.disruption}`]
      : []),
  ];
  return (
    <span class="hint">
      {plural(radius.fields, 'field')} by {plural(radius.writes, 'call')}
      {warnings.length > 0 && <b class="tone-text tone-wait">: {warnings.join(', ')}</b>}
    </span>
  );
}
