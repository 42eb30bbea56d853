// Who one is here, how it looks, and what the engine was told: policy, accounts, sources, channels, people.

import { useState } from 'preact/hooks';
import { post } from '../api';
import { Act, type Deed } from '../components/act';
import { Empty, Facts, Hash, Section, Shown, type Fact } from '../components/basic';
import { Keys } from '../components/keys';
import { useLoaded } from '../resource';
import { leave } from '../session';
import type { Channel, Policy, Session } from '../shapes';
import { theme, themes, wear, type Theme } from '../theme';
import { duration } from '../when';
import { plural, sentence } from '../words';

export function SettingsPage() {
  return (
    <div class="columns even">
      <div class="column">
        <Who />
        <Looks />
        <Channels />
        <Section title="Keys">
          <Keys />
        </Section>
      </div>
      <InForce />
    </div>
  );
}

function Who() {
  const loaded = useLoaded<Session>('/session');
  return (
    <Section
      title="You"
      aside={
        <button type="button" onClick={leave}>
          Sign out
        </button>
      }>
      <Shown loaded={loaded}>
        {(session) => (
          <Facts
            of={[
              ['Name', <b>{session.principal}</b>],
              ...(session.arn ? [['ARN', <code class="name">{session.arn}</code>] as Fact] : []),
              ['Roles', session.roles.join(', ') || 'none'],
              ['May', mayText(session)],
              ['Token', 'kept in this tab, and forgotten with it'],
            ]}
          />
        )}
      </Shown>
    </Section>
  );
}

const mayTexts = {
  viewer: 'read everything',
  operator: 'scan, fix, make exceptions, roll back',
  approver: 'approve and reject',
  admin: 'halt and resume, start runbooks',
};
const mayText = ({ may }: Session): string =>
  may.map((role) => mayTexts[role]).join('; ') || 'nothing';

const themeTexts: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

function Looks() {
  const [chosen, setChosen] = useState(theme());
  return (
    <Section title="Colours">
      <div class="choices" role="radiogroup" aria-label="Colours">
        {themes.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="theme"
              checked={chosen === one}
              onChange={() => {
                wear(one);
                setChosen(one);
              }}
            />
            {themeTexts[one]}
          </label>
        ))}
      </div>
    </Section>
  );
}

function testDeed(channel: Channel): Deed {
  return {
    label: 'Test…',
    title: `Send a test through ${channel.name}?`,
    confirm: 'Send it',
    tone: 'plain',
    reason: 'none',
    reasonLabel: '',
    explain: (
      <p>
        One message goes to <b class="name">{channel.to}</b>. It says that it is a test.
      </p>
    ),
    done: 'It was delivered.',
    act: async () => {
      await post('/channels/test', { channel: channel.name });
    },
  };
}

function Channels() {
  const loaded = useLoaded<{ channels: Channel[]; dead_elsewhere: number }>('/channels');
  return (
    <Section title="Channels">
      <Shown loaded={loaded}>
        {({ channels, dead_elsewhere }) => (
          <>
            {channels.length === 0 ? (
              <Empty>The policy names no channel: nobody is told.</Empty>
            ) : (
              <ul class="lines-list">
                {channels.map((one) => (
                  <li key={one.name}>
                    <span class="grow">
                      <b>{one.name}</b> <span class="hint">{one.kind}</span>
                      <span class="hint block name">
                        {one.to}
                        {one.digest_s > 0 && `, together every ${duration(one.digest_s * 1000)}`}
                      </span>
                      <span class="hint block">
                        {one.on.map(sentence).join(', ') || 'everything'}
                      </span>
                      {one.dead > 0 && (
                        <span class="tone-text tone-bad block">
                          {plural(one.dead, 'message')} could not be delivered: {one.dead_error}
                        </span>
                      )}
                    </span>
                    <Act deed={testDeed(one)} />
                  </li>
                ))}
              </ul>
            )}
            {dead_elsewhere > 0 && (
              <p class="hint">
                {plural(dead_elsewhere, 'message')} to targets of rules, tools and channels that are
                gone could not be delivered.
              </p>
            )}
          </>
        )}
      </Shown>
    </Section>
  );
}

function InForce() {
  const loaded = useLoaded<Policy>('/policy');
  return (
    <div class="column">
      <Shown loaded={loaded}>
        {(policy) => (
          <>
            <Section title="Policy in force">
              <Facts
                of={[
                  ['Digest', <Hash of={policy.hash} what="digest" />],
                  ['Scans', `every ${duration(policy.scan_every_s * 1000)}`],
                  ...(policy.public_url ? [['Public URL', policy.public_url] as Fact] : []),
                  ...(policy.issuer ? [['Sign-in through', policy.issuer] as Fact] : []),
                ]}
              />
              <h3 class="label">Who decides, first match first</h3>
              {policy.decide.length === 0 ? (
                <Empty>No rule: what the controls' remediations say holds.</Empty>
              ) : (
                <ol class="lines-list">
                  {policy.decide.map((one) => (
                    <li key={one.name}>
                      <span class="grow">{one.name}</span>
                      <span class="stage">
                        {one.decision}
                        {one.ladder && `: ${one.ladder}`}
                      </span>
                    </li>
                  ))}
                </ol>
              )}
            </Section>
            <Accounts of={policy.targets} />
            <Sources of={policy.sources} />
            <People of={policy.principals} />
          </>
        )}
      </Shown>
    </div>
  );
}

function Accounts({ of }: { of: Policy['targets'] }) {
  return (
    <Section title="Accounts" aside={<span class="hint">{of.length}</span>}>
      <ul class="lines-list">
        {of.map((one) => (
          <li key={one.account}>
            <span class="grow">
              <b>{one.account}</b>
              <span class="hint block">{one.regions.join(', ') || 'no region'}</span>
              {one.role && <code class="hint block name">{one.role}</code>}
            </span>
            <span class="tags">
              {Object.entries(one.tags).map(([name, value]) => (
                <span key={name} class="tag">
                  {name}={value}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Sources({ of }: { of: Policy['sources'] }) {
  return (
    <Section title="Sources of events">
      {of.length === 0 ? (
        <Empty>None is fetched: events come in at aright's own port.</Empty>
      ) : (
        <ul class="lines-list">
          {of.map((one) => (
            <li key={one.name}>
              <span class="grow">
                <b>{one.name}</b> <span class="hint">{one.kind}</span>
                <span class="hint block name">
                  {one.from} in {one.account} {one.region}
                </span>
              </span>
              <span class="hint">to {one.bus}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function People({ of }: { of: Policy['principals'] }) {
  return (
    <Section title="People and tokens">
      {of.length === 0 ? (
        <Empty>The policy names nobody: only the token that the server printed is known.</Empty>
      ) : (
        <ul class="lines-list">
          {of.map((one) => (
            <li key={one.name}>
              <span class="grow">
                <b>{one.name}</b>
                {one.arn && <code class="hint block name">{one.arn}</code>}
                <span class="hint block">
                  {one.token ? 'has a token' : 'has no token'}
                  {one.tell && `; hears through ${one.tell}`}
                </span>
              </span>
              <span class="tags">
                {one.roles.map((role) => (
                  <span key={role} class="tag">
                    {role}
                  </span>
                ))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
