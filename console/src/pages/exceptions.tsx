// What is left alone for a while, why, by whom, and until when.

import { useState } from 'preact/hooks';
import { Act } from '../components/act';
import { Empty, Shown } from '../components/basic';
import { endExceptionDeed, ExceptionDialog, ExceptionEnd } from '../components/exception';
import { Rows } from '../components/rows';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Finding, HeldException } from '../shapes';
import { plural, resourceText, typeText } from '../words';

export function ExceptionsPage() {
  const loaded = useLoaded<{ exceptions: HeldException[] }>('/exceptions');
  return (
    <Shown loaded={loaded}>
      {({ exceptions }) => {
        const sorted = [...exceptions].sort((a, b) =>
          (a.exception.until ?? '~').localeCompare(b.exception.until ?? '~'),
        );
        const broken = sorted.filter((one) => one.void || one.void_for?.length).length;
        return (
          <>
            <div class="list-head">
              <p class="hint" role="status">
                {plural(sorted.length, 'exception')}, those that end first on top
                {broken > 0 && `; ${broken} void`}
              </p>
              <Add after={loaded.again} />
            </div>
            {sorted.length === 0 ? (
              <div class="card">
                <Empty>Nothing is left alone: every finding is decided by the policy.</Empty>
              </div>
            ) : (
              <Rows of={sorted} head={['Resource', 'Because', 'Holds', 'State', '']}>
                {(one) => (
                  <Row
                    key={`${one.finding ?? one.name}${one.control}${one.resource.id}`}
                    of={one}
                    again={loaded.again}
                  />
                )}
              </Rows>
            )}
          </>
        );
      }}
    </Shown>
  );
}

function Row({ of, again }: { of: HeldException; again: () => void }) {
  const { exception, resource, finding } = of;
  const what = (
    <>
      <span class="resource-type">
        {resource.type === '*' ? 'Every type' : typeText(resource.type)}
      </span>{' '}
      <b class="name">{resource.id}</b>
    </>
  );
  return (
    <tr>
      <td class="cell-main">
        {finding ? (
          <a class="row-link" href={to(['findings', finding])}>
            {what}
          </a>
        ) : (
          what
        )}
        <span class="hint">{of.control === '*' ? 'all controls' : of.control}</span>
      </td>
      <td>
        {exception.message}
        <span class="hint block">
          by {exception.by}
          {exception.owner && `; ${exception.owner} answers for it`}
          {exception.compensating_control && (
            <>
              ; as long as it meets{' '}
              <a class="above-row" href={to(['controls'], { id: exception.compensating_control })}>
                {exception.compensating_control}
              </a>
            </>
          )}
        </span>
      </td>
      <td class="cell-time">
        <ExceptionEnd of={exception} />
      </td>
      <td class="cell-stage">
        {of.void ? (
          <span class="stage tone-bad" title="Its compensating control was not met">
            Void
          </span>
        ) : of.void_for?.length ? (
          <span class="stage tone-wait" title="Where its compensating control was not met">
            Void for {of.void_for.length}
          </span>
        ) : (
          <span class="stage tone-quiet">Holds</span>
        )}
      </td>
      <td class="cell-act">
        {finding ? (
          <Act deed={endExceptionDeed(finding, again)} />
        ) : (
          <span class="hint">{of.name || 'of the policy'}</span>
        )}
      </td>
    </tr>
  );
}

// Of an open finding, which is chosen first.
function Add({ after }: { after: () => void }) {
  const { data } = useLoaded<{ findings: Finding[] }>('/findings?status=open');
  const [chosen, setChosen] = useState<Finding>();
  const free = (data?.findings ?? []).filter((one) => !one.exception);
  if (free.length === 0) return null;
  return (
    <>
      <label class="inline-choice">
        Add for
        <select
          value=""
          onChange={(event) => {
            setChosen(free.find((one) => one.id === event.currentTarget.value));
            event.currentTarget.value = '';
          }}>
          <option value="">choose a finding…</option>
          {free.map((one) => (
            <option key={one.id} value={one.id}>
              {resourceText(one.resource)}: {one.title}
            </option>
          ))}
        </select>
      </label>
      {chosen && <ExceptionDialog of={[chosen]} close={() => setChosen(undefined)} after={after} />}
    </>
  );
}
