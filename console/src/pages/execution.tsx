// One run of a runbook: its steps as a graph with their states, live, and what went into the chosen step and came out.

import { useState } from 'preact/hooks';
import { Act } from '../components/act';
import { Empty, Facts, Section, Shown, When, type Fact } from '../components/basic';
import { cancelDeed, stepDeed } from '../components/decide';
import { Flow } from '../components/flow';
import { pretty } from '../difference';
import { runsOf } from '../flow';
import { useLoaded } from '../resource';
import { to } from '../router';
import type { Approval, Execution, ExecutionFlow, FlowStep, Json, StepExecution } from '../shapes';
import { duration } from '../when';
import { plural, statusText, statusTone } from '../words';
import { Took } from './executions';

export function ExecutionPage({ id }: { id: string }) {
  const path = `/executions/${encodeURIComponent(id)}`;
  const loaded = useLoaded<Execution>(path);
  const flow = useLoaded<ExecutionFlow>(`${path}/flow`);
  const waiting = useLoaded<{ approvals: Approval[] }>('/approvals');
  const asks = waiting.data?.approvals.find((one) => one.kind === 'step' && one.execution === id);
  const [chosen, choose] = useState('');
  return (
    <Shown loaded={loaded}>
      {(execution) => {
        const ran = execution.StepExecutions;
        const step = chosen || interesting(ran);
        return (
          <>
            <Head
              of={execution}
              asks={asks}
              again={() => {
                loaded.again();
                waiting.again();
              }}
            />
            <div class="columns even">
              <Section
                title="Steps"
                aside={<span class="hint">{plural(ran.filter(begun).length, 'step')} run</span>}>
                <Shown loaded={flow}>
                  {({ steps }) =>
                    steps.length === 0 ? (
                      <Empty>The document has no steps.</Empty>
                    ) : (
                      <Flow
                        of={steps}
                        ran={ran}
                        ended={execution.AutomationExecutionStatus === 'Success'}
                        chosen={step}
                        choose={choose}
                      />
                    )
                  }
                </Shown>
              </Section>
              <div class="column aside">
                <StepDetail
                  name={step}
                  runs={runsOf(ran).get(step) ?? []}
                  step={find(flow.data?.steps ?? [], step)}
                />
                <About of={execution} />
              </div>
            </div>
          </>
        );
      }}
    </Shown>
  );
}

const begun = (step: StepExecution): boolean => step.ExecutionStartTime !== undefined;
const keyOf = (step: StepExecution): string =>
  step.ParentStepDetails ? `${step.ParentStepDetails.StepName}/${step.StepName}` : step.StepName;

// What somebody comes for: the step that failed or waits, else the one under way, else the last one.
function interesting(ran: StepExecution[]): string {
  const of = (...statuses: string[]) =>
    ran.findLast((one) => begun(one) && statuses.includes(one.StepStatus));
  const step =
    of('Waiting') ?? of('Failed', 'TimedOut') ?? of('InProgress') ?? ran.findLast(begun) ?? ran[0];
  return step ? keyOf(step) : '';
}

function find(steps: FlowStep[], name: string): FlowStep | undefined {
  const [first, ...rest] = name.split('/');
  const step = steps.find((one) => one.name === first);
  return rest.length === 0 ? step : step && find(step.steps, rest.join('/'));
}

function Head({
  of,
  asks,
  again,
}: {
  of: Execution;
  asks: Approval | undefined;
  again: () => void;
}) {
  const goesOn = !of.ExecutionEndTime && of.AutomationExecutionStatus !== 'Cancelling';
  const deeds = [
    ...(goesOn ? [cancelDeed(of, again)] : []),
    ...(asks ? [stepDeed(asks, 'Reject', again), stepDeed(asks, 'Approve', again)] : []),
  ];
  return (
    <header class="page-head card">
      <p class="badges">
        <span class={`stage tone-${statusTone(of.AutomationExecutionStatus)}`}>
          {statusText(of.AutomationExecutionStatus)}
        </span>
        <span class="hint">
          started <When at={of.ExecutionStartTime} exact />,{' '}
          {of.ExecutionEndTime ? 'took' : 'under way for'}{' '}
          <Took from={of.ExecutionStartTime} to={of.ExecutionEndTime} />
        </span>
      </p>
      <p class="lead">{of.DocumentName}</p>
      {of.remediation && (
        <p class="subject">
          Carries out <a href={to(['remediations', of.remediation])}>its remediation</a>
        </p>
      )}
      {of.FailureMessage && <p class="failure">{of.FailureMessage}</p>}
      {asks?.message && <p class="question">{asks.message}</p>}
      {deeds.length > 0 && (
        <div class="buttons">
          {deeds.map((deed) => (
            <Act key={deed.label} deed={deed} large />
          ))}
        </div>
      )}
    </header>
  );
}

function StepDetail({
  name,
  runs,
  step,
}: {
  name: string;
  runs: StepExecution[];
  step: FlowStep | undefined;
}) {
  const [round, setRound] = useState<number>();
  const ran = runs.filter(begun);
  const one = ran[round ?? ran.length - 1] ?? ran.at(-1) ?? runs[0];
  if (!one && !step)
    return (
      <Section title="Step">
        <Empty>Choose a step.</Empty>
      </Section>
    );
  const status = one?.StepStatus ?? 'Pending';
  return (
    <Section
      title={name.split('/').at(-1) ?? name}
      aside={<span class={`stage tone-${statusTone(status)}`}>{statusText(status)}</span>}>
      {ran.length > 1 && (
        <label class="inline-choice">
          Round
          <select
            value={String(round ?? ran.length - 1)}
            onChange={(event) => setRound(Number(event.currentTarget.value))}>
            {ran.map((run, i) => (
              <option key={i} value={String(i)}>
                {i + 1}
                {run.ParentStepDetails?.IteratorValue
                  ? `: ${run.ParentStepDetails.IteratorValue}`
                  : ''}
              </option>
            ))}
          </select>
        </label>
      )}
      <Facts of={factsOf(one, step)} />
      {one?.FailureMessage && <p class="failure">{one.FailureMessage}</p>}
      {one && begun(one) && (
        <>
          <Values title="What went in" of={one.Inputs ?? {}} />
          <Values title="What came out" of={one.Outputs ?? {}} />
        </>
      )}
    </Section>
  );
}

function factsOf(one: StepExecution | undefined, step: FlowStep | undefined): Fact[] {
  const facts: Fact[] = [['Action', <code>{one?.Action ?? step?.action}</code>]];
  if (one?.ExecutionStartTime) facts.push(['Began', <When at={one.ExecutionStartTime} exact />]);
  if (one?.ExecutionStartTime && one.ExecutionEndTime)
    facts.push([
      'Took',
      duration(Date.parse(one.ExecutionEndTime) - Date.parse(one.ExecutionStartTime)),
    ]);
  if (one) facts.push(['When it fails', <code>{one.OnFailure}</code>]);
  if (one?.MaxAttempts && one.MaxAttempts > 1) facts.push(['Attempts', `up to ${one.MaxAttempts}`]);
  return facts;
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

// Each text is JSON where it can be.
function readable(text: string): string {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'string' ? value : pretty(value);
  } catch {
    return text;
  }
}

function Values({ title, of }: { title: string; of: { [name: string]: string | string[] } }) {
  const all = Object.entries(of);
  if (all.length === 0) return null;
  return (
    <>
      <h3 class="label">{title}</h3>
      <dl class="values-list">
        {all.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <pre tabIndex={0}>
                <code>{[value].flat().map(readable).join('\n')}</code>
              </pre>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function About({ of }: { of: Execution }) {
  const given = Object.entries(of.Parameters);
  const outputs = Object.entries(of.Outputs).map(([name, value]): [string, string[]] => [
    name,
    (Array.isArray(value) ? value : [value]).map(textOf),
  ]);
  return (
    <Section title="About">
      <Facts
        of={[
          ...(of.ExecutedBy ? [['Started by', of.ExecutedBy] as Fact] : []),
          ['Execution', <code class="name">{of.id}</code>],
        ]}
      />
      <Values
        title="Parameters"
        of={Object.fromEntries(given.filter(([, values]) => values.join('') !== ''))}
      />
      <Values title="Outputs of the runbook" of={Object.fromEntries(outputs)} />
    </Section>
  );
}
