// What holds fixes back: the halt, freezes, limits, breakers, and what waits for them.

import { Act } from '../components/act';
import { Empty, Facts, ResourceName, Section, Shown, When, type Fact } from '../components/basic';
import { HaltPart, haltDeed, resumeDeed } from '../components/halt';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Brakes, Limit } from '../shapes';
import { dayAndTime } from '../when';
import { plural, sentence, statusText, statusTone } from '../words';

export function BrakesPage() {
  const loaded = useLoaded<Brakes>('/brakes');
  return (
    <Shown loaded={loaded}>
      {(brakes) => (
        <>
          <Held of={brakes.held} />
          <div class="overview-top">
            <Writes of={brakes} again={loaded.again} />
            <Rules of={brakes} />
          </div>
        </>
      )}
    </Shown>
  );
}

function Held({ of }: { of: Brakes['held'] }) {
  return (
    <Section title="Held back">
      {of.length === 0 ? (
        <Empty>Nothing is held back.</Empty>
      ) : (
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Resource</th>
              <th scope="col">Because</th>
              <th scope="col">Held</th>
            </tr>
          </thead>
          <tbody>
            {of.map((one) => (
              <tr key={one.remediation}>
                <td class="cell-main">
                  <a class="row-link" href={to(['remediations', one.remediation])}>
                    <ResourceName of={one.resource} />
                  </a>
                  <span class="hint">{one.control}</span>
                </td>
                <td>{one.reason}</td>
                <td class="cell-time">
                  until <When at={one.until} exact />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Writes({ of, again }: { of: Brakes; again: () => void }) {
  return (
    <Section
      title="The halt"
      aside={
        <span class="buttons">
          <HaltPart again={again} />
          <Act deed={haltDeed(of.halted, again)} />
        </span>
      }>
      <Facts
        of={[
          ['Writes', of.halted ? <b class="tone-bad">halted</b> : <b class="tone-good">allowed</b>],
          ['In flight', plural(of.in_flight.length, 'execution')],
        ]}
      />
      {of.halts.length > 0 && (
        <ul class="lines-list">
          {of.halts.map((halt) => (
            <li key={halt.what}>
              <span class="grow">
                <b class="tone-text tone-bad">{sentence(halt.what)}</b> halted
                <span class="hint block">
                  <When at={halt.at} exact /> by {halt.by}
                  {halt.reason && `: ${halt.reason}`}
                </span>
              </span>
              {halt.what !== 'everything' && <Act deed={resumeDeed(halt, again)} />}
            </li>
          ))}
        </ul>
      )}
      {of.in_flight.length > 0 && (
        <ul class="lines-list">
          {of.in_flight.map((one) => (
            <li key={one.id}>
              <a href={to(['executions', one.id])}>{one.document}</a>
              <span class={`stage tone-${statusTone(one.status)}`}>{statusText(one.status)}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const windowText = (window_s: number): string =>
  window_s % 3600 === 0
    ? plural(window_s / 3600, 'hour')
    : window_s % 60 === 0
      ? plural(window_s / 60, 'minute')
      : plural(window_s, 'second');

function limitText(limit: Limit): string {
  const count =
    limit.percent === undefined
      ? plural(limit.starts ?? 0, 'start')
      : `${limit.percent} % of what it judges`;
  const each =
    limit.of === 'everything'
      ? 'all together'
      : `each ${limit.of}${limit.value === '*' ? '' : ` ${limit.value}`}`;
  return `${count} in ${windowText(limit.window_s)}, ${each}`;
}

function Rules({ of }: { of: Brakes }) {
  const facts: Fact[] = [
    ...of.breakers.map((one): Fact => [
      'Breaker',
      <>
        <a href={to(['controls'], { id: one.control })}>{one.control}</a>{' '}
        <b class="tone-bad">
          {one.state === 'open' ? `open until ${dayAndTime(one.until)}` : 'half open: a trial'}
        </b>
      </>,
    ]),
    ...of.freezes.map((one): Fact => [
      'Freeze',
      <>
        {one.name} {one.until ? <b class="tone-warn">on until {dayAndTime(one.until)}</b> : 'off'}
      </>,
    ]),
    ...of.limits.map((one): Fact => ['Limit', limitText(one)]),
    [
      'Breakers open',
      of.breaker.failures === 0
        ? 'never'
        : `after ${plural(of.breaker.failures, 'failure')} in a row, for ${windowText(of.breaker.pause_s)}`,
    ],
    [
      'Fights end',
      of.fights.rounds === 0
        ? 'never'
        : `after ${plural(of.fights.rounds, 'round')} in ${windowText(of.fights.window_s)}`,
    ],
  ];
  return (
    <Section title="Brakes of the policy">
      <Facts of={facts} />
    </Section>
  );
}
