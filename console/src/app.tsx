// The console: sign in, then the frame around the pages.

import { render, type ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { engineClock } from './clock';
import { Announcer } from './components/announce';
import { Empty } from './components/basic';
import { KeyHelp } from './components/keys';
import { Mark } from './components/mark';
import { Palette } from './components/palette';
import { followLedger, useLink, type Link } from './live';
import { ApprovalsPage } from './pages/approvals';
import { BrakesPage } from './pages/brakes';
import { ControlsPage } from './pages/controls';
import { EscalationsPage } from './pages/escalations';
import { ExceptionsPage } from './pages/exceptions';
import { ExecutionPage } from './pages/execution';
import { ExecutionsPage } from './pages/executions';
import { FindingPage } from './pages/finding';
import { FindingsPage } from './pages/findings';
import { LedgerPage } from './pages/ledger';
import { OverviewPage } from './pages/overview';
import { RemediationPage } from './pages/remediation';
import { RemediationsPage } from './pages/remediations';
import { ReportPage } from './pages/report';
import { SettingsPage } from './pages/settings';
import { SignIn } from './pages/sign_in';
import { forget, useLoaded } from './resource';
import { to, usePlace, type Place } from './router';
import { leave, onSession, takeTokenFromFragment, token } from './session';
import { sections } from './sections';
import type { Escalation, Overview } from './shapes';
import { theme, wear } from './theme';
import './styles/app.css';

// How often the engine's time is asked for when nothing happens.
const clock_first_ms = 3_000;
const clock_every_ms = 30_000;

interface Shown {
  title: string;
  section: string;
  body: ComponentChildren;
}

function show({ path, query }: Place): Shown {
  const [section = '', id] = path;
  switch (section) {
    case '':
      return { title: 'Overview', section, body: <OverviewPage /> };
    case 'findings':
      return id
        ? { title: 'Finding', section, body: <FindingPage key={id} id={id} /> }
        : { title: 'Findings', section, body: <FindingsPage query={query} /> };
    case 'remediations':
      return id
        ? { title: 'Remediation', section, body: <RemediationPage key={id} id={id} /> }
        : { title: 'Remediations', section, body: <RemediationsPage query={query} /> };
    case 'executions':
      return id
        ? { title: 'Execution', section, body: <ExecutionPage key={id} id={id} /> }
        : { title: 'Executions', section, body: <ExecutionsPage query={query} /> };
    case 'approvals':
      return { title: 'Approvals', section, body: <ApprovalsPage /> };
    case 'escalations':
      return { title: 'Escalations', section, body: <EscalationsPage /> };
    case 'exceptions':
      return { title: 'Exceptions', section, body: <ExceptionsPage /> };
    case 'report':
      return { title: 'Report', section, body: <ReportPage query={query} /> };
    case 'settings':
      return { title: 'Settings', section, body: <SettingsPage /> };
    case 'controls':
      return { title: 'Controls', section, body: <ControlsPage query={query} /> };
    case 'brakes':
      return { title: 'Brakes', section, body: <BrakesPage /> };
    case 'ledger':
      return { title: 'Ledger', section, body: <LedgerPage query={query} /> };
  }
  return {
    title: 'Nothing here',
    section,
    body: (
      <Empty>
        This page does not exist. <a href={to([])}>To the overview</a>
      </Empty>
    ),
  };
}

const linkText: Record<Link, string> = {
  live: 'Live',
  polling: 'Polling',
  connecting: 'Connecting',
  offline: 'No answer',
};

function Frame() {
  const place = usePlace();
  const shown = show(place);
  const { data: overview, again } = useLoaded<Overview>('/overview');
  const escalations = useLoaded<{ escalations: Escalation[] }>('/escalations').data;
  const counts: Counts = {
    approvals: [overview?.waiting.length ?? 0, 'waiting'],
    escalations: [
      escalations?.escalations.filter((one) => one.status === 'open').length ?? 0,
      'open',
    ],
  };
  const heading = useRef<HTMLHeadingElement>(null);
  const where = place.path.join('/');
  const first = useRef(true);
  const [menu, setMenu] = useState(false);

  useEffect(followLedger, []);
  useEffect(() => engineClock.observe(overview?.now), [overview?.now]);
  useEffect(() => {
    const timers = [setTimeout(again, clock_first_ms), setInterval(again, clock_every_ms)];
    return () => timers.forEach(clearTimeout);
  }, []);
  useEffect(() => {
    document.title = `${shown.title} · aright`;
    setMenu(false);
    // A reader who cannot see the page change is told by the focus; the first page is where it should be already.
    if (!first.current) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    first.current = false;
  }, [where]);

  return (
    <>
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          heading.current?.focus();
        }}>
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={to([])} aria-label="aright: overview">
          <Mark />
          <span>aright</span>
        </a>
        <button
          type="button"
          class="menu"
          aria-expanded={menu}
          aria-controls="sections"
          onClick={() => setMenu(!menu)}>
          {sections.find(({ id }) => id === shown.section)?.label ?? 'Menu'}
        </button>
        <Sections open={menu} current={shown.section} counts={counts} />
        <Foot overview={overview} />
      </header>
      <main id="content">
        {overview?.halted && (
          <p class="halted" role="alert">
            <b>Halted.</b> Nothing is changed in the cloud until an admin resumes.{' '}
            <a href={to(['brakes'])}>Brakes</a>
          </p>
        )}
        <h1 tabIndex={-1} ref={heading}>
          {shown.title}
        </h1>
        {shown.body}
      </main>
      <Announcer />
      <KeyHelp />
      <Palette />
    </>
  );
}

type Counts = { [section: string]: [count: number, of: string] };

function Sections({ open, current, counts }: { open: boolean; current: string; counts: Counts }) {
  return (
    <nav id="sections" class={open ? 'open' : ''} aria-label="Sections">
      <ul>
        {sections.map(({ id, path, label, group }, i) => {
          const [count = 0, of = ''] = counts[id] ?? [];
          const begins = group !== '' && group !== sections[i - 1]?.group;
          return (
            <li key={id} class={begins ? 'begins' : ''} data-group={begins ? group : undefined}>
              <a href={to(path)} aria-current={current === id ? 'page' : undefined}>
                {label}
                {count > 0 && (
                  <span class="badge" aria-label={`${count} ${of}`}>
                    {count}
                  </span>
                )}
              </a>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

function Foot({ overview }: { overview: Overview | undefined }) {
  const link = useLink();
  return (
    <div class="foot">
      <span class={`link link-${link}`} role="status" data-link={link}>
        {linkText[link]}
      </span>
      {overview && (
        <span class="target">
          <b>{overview.target}</b> {overview.account}
        </span>
      )}
      <button type="button" class="quiet" onClick={leave}>
        Sign out
      </button>
    </div>
  );
}

function App() {
  const [known, setKnown] = useState(token() !== null);
  useEffect(
    () =>
      onSession(() => {
        if (!token()) forget();
        setKnown(token() !== null);
      }),
    [],
  );
  useEffect(() => {
    const given = () => {
      takeTokenFromFragment();
      setKnown(token() !== null);
    };
    addEventListener('hashchange', given);
    return () => removeEventListener('hashchange', given);
  }, []);
  return known ? <Frame /> : <SignIn />;
}

wear(theme());
takeTokenFromFragment();
render(<App />, document.getElementById('app')!);
