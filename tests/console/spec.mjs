// What the console promises, as a list of stories. `world` is the server under test: {url, token,
// fixture, api(path, body), browser, pictures}. `fixture` is null when the server is the real one; a
// story that finds nothing to tell there returns a reason why it was skipped.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { nameless, sticksOut, unreadable } from './judge.mjs';
import { confirm, phone, told } from './tell.mjs';

const wrongToken = 'not-the-token';

async function places({ api }) {
  const { findings } = await api('/findings');
  const { remediations } = await api('/remediations');
  const { approvals } = await api('/approvals');
  const { executions } = await api('/executions');
  const of_stage = (stage) => remediations.find((one) => one.stage === stage);
  const asked = approvals.find((one) => one.kind === 'step');
  const list = [
    ['overview', '/'],
    ['findings', '/findings'],
    ['approvals', '/approvals'],
    ['remediations', '/remediations'],
    ['controls', '/controls'],
    ['brakes', '/brakes'],
    ['ledger', '/ledger'],
    ['findings-grouped', '/findings?group=control&status=all'],
    ['executions', '/executions'],
    ['escalations', '/escalations'],
    ['exceptions', '/exceptions'],
    ['report', '/report'],
    ['settings', '/settings'],
    ['nowhere', '/nowhere'],
  ];
  if (findings[0]) list.push(['finding', `/findings/${findings[0].id}`]);
  if (remediations[0]) list.push(['control', `/controls?id=${remediations[0].control}`]);
  for (const status of ['Waiting', 'Failed', 'Success']) {
    const execution = executions.find((one) => one.status === status);
    if (execution) list.push([`execution-${status}`, `/executions/${execution.id}`]);
  }
  if (asked) list.push(['remediation-step', `/remediations/${asked.remediation}`]);
  for (const stage of ['resolved', 'awaiting_approval', 'rolled_back', 'escalated'])
    if (of_stage(stage)) list.push([`remediation-${stage}`, `/remediations/${of_stage(stage).id}`]);
  return list;
}

const nobody = { opened: 0, resolved: 0, resolved_otherwise: 0, open: 0, exposure_hours: 0 };
const emptyReport = {
  since: new Date().toISOString(),
  until: new Date().toISOString(),
  first_entry: null,
  overall: {
    findings: nobody,
    remediations: { automatic: 0, asked: 0, manual: 0, fixed: 0, rolled_back: 0, recurred: 0 },
    executions: { all: 0, succeeded: 0 },
    rates: { success: null, rollback: null, recurrence: null, false_positive: null },
    times: {},
  },
  controls: [],
  trend: { step_s: 3600, points: [] },
  waiting: [],
  exceptions_due: [],
};

const lookAt = (looks, window) =>
  told(async (world, reader) => {
    await reader.signIn(world.token);
    for (const [name, place] of await places(world)) {
      await reader.open(place);
      for (const judge of [sticksOut, nameless, unreadable])
        assert.deepEqual(await reader.page.evaluate(judge), [], `${name}, ${judge.name}`);
      if (world.pictures)
        await reader.page.screenshot({
          path: join(world.pictures, `${name}-${looks}.png`),
          fullPage: true,
        });
    }
  }, window);

export const stories = {
  'every page is sound in the light': lookAt('light', {}),
  'every page is sound in the dark': lookAt('dark', { scheme: 'dark' }),
  'every page is sound on a phone': lookAt('phone', phone),
  'every page is sound on a phone in the dark': lookAt('phone-dark', { ...phone, scheme: 'dark' }),

  'nobody reads without a token, and a wrong one is told so': told(
    async ({ url, token, pictures }, reader) => {
      const { page } = reader;
      reader.forgive(/401/);
      await page.goto(url);
      await page.getByLabel('Token').fill(wrongToken);
      await page.keyboard.press('Enter');
      await page.getByText('This token is not known here.').waitFor();
      assert.deepEqual(await page.evaluate(unreadable), []);
      if (pictures) await page.screenshot({ path: join(pictures, 'sign-in.png') });
      await page.getByLabel('Token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
    },
  ),

  'the token never reaches a URL, and nothing else is asked': told(
    async ({ url, token }, reader) => {
      await reader.signIn(token, '/approvals');
      await reader.page.getByRole('heading', { name: 'Approvals' }).waitFor();
      assert.equal(new URL(reader.page.url()).hash, '#/approvals');
      await reader.open('/ledger');
      for (const request of reader.requests) {
        assert.ok(!request.url().split('#')[0].includes(token), request.url());
        assert.equal(new URL(request.url()).origin, new URL(url).origin);
      }
      await reader.page.reload();
      await reader.page.getByRole('heading', { name: 'Ledger' }).waitFor();
      await reader.page.getByRole('button', { name: 'Sign out' }).click();
      await reader.page.getByLabel('Token').waitFor();
    },
  ),

  'what happens appears by itself': told(async ({ api, token }, reader) => {
    await reader.signIn(token, '/ledger');
    await reader.page.locator('[data-link=live]').waitFor();
    await appears(reader.page, api);
  }),

  'without the event stream the page asks, and says so': told(async ({ api, token }, reader) => {
    reader.forgive(/ERR_FAILED/);
    await reader.page.route('**/api/v1/events', (route) => route.abort());
    await reader.signIn(token, '/ledger');
    await reader.page.locator('[data-link=polling]').waitFor();
    await appears(reader.page, api);
  }),

  'an overview that cannot be read says why, and tries again': told(async ({ token }, reader) => {
    reader.forgive(/503/);
    let broken = true;
    // Never answered, so that nothing else makes the page read again.
    await reader.page.route('**/api/v1/events', () => undefined);
    await reader.page.route('**/api/v1/overview', (route) =>
      broken
        ? route.fulfill({
            status: 503,
            contentType: 'application/json',
            body: '{"error":{"code":"unavailable","message":"the disk is full"}}',
          })
        : route.continue(),
    );
    await reader.signIn(token);
    await reader.page.getByText('the disk is full').waitFor();
    broken = false;
    await reader.page.getByRole('button', { name: 'Try again' }).click();
    await reader.page.getByText('Recent activity').waitFor();
  }),

  'an account in which nothing happened looks calm': told(async ({ token, pictures }, reader) => {
    const empty = {
      findings: { findings: [] },
      remediations: { remediations: [] },
      approvals: { approvals: [] },
      controls: { controls: [] },
      executions: { executions: [] },
      escalations: { escalations: [] },
      exceptions: { exceptions: [] },
      report: emptyReport,
      overview: {
        version: '0',
        halted: false,
        target: 'sandbox',
        account: '111122223333',
        ledger_entries: 0,
        waiting: [],
        recent: [],
        findings: { open: 0, resolved: 0, by_severity: {}, by_control: [] },
        remediations: { by_stage: {} },
        median_time_to_fix_s: null,
      },
    };
    for (const [name, body] of Object.entries(empty))
      await reader.page.route(`**/api/v1/${name}`, (route) => route.fulfill({ json: body }));
    await reader.signIn(token);
    const said = {
      '/': 'Nothing was found so far.',
      '/findings': 'Nothing was found yet.',
      '/approvals': 'All decided.',
      '/remediations': 'No remediation was opened yet.',
      '/controls': 'The catalog holds no control.',
      '/executions': 'No runbook was run yet.',
      '/escalations': 'Nothing is left to people.',
      '/exceptions': 'Nothing is left alone',
      '/report': 'No control found anything in this time.',
    };
    for (const [place, text] of Object.entries(said)) {
      await reader.open(place);
      await reader.page.getByText(text).first().waitFor();
    }
    await reader.open('/');
    if (pictures)
      await reader.page.screenshot({ path: join(pictures, 'overview-empty.png'), fullPage: true });
  }),

  'findings are filtered, searched and walked by keyboard': told(async ({ api, token }, reader) => {
    const { findings } = await api('/findings');
    const open = findings.filter((one) => one.status === 'open');
    if (open.length < 2) return 'fewer than two open findings';
    const { page } = reader;
    await reader.signIn(token, '/findings');
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    assert.equal(await rows.count(), open.length);
    await page.keyboard.press('/');
    await page.keyboard.type(open[0].resource.id);
    await page.waitForFunction(
      (id) => location.hash.includes(encodeURIComponent(id)),
      open[0].resource.id,
    );
    assert.equal(
      await rows.count(),
      open.filter((one) => one.resource.id === open[0].resource.id).length,
    );
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Status').selectOption('all');
    assert.equal(await rows.count(), findings.length);
    await page.locator('a.row-link').first().focus();
    await page.keyboard.press('ArrowDown');
    const second = await page.locator('a.row-link').nth(1).getAttribute('href');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), second);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Finding', exact: true }).waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === 'H1');
    return undefined;
  }),

  'controls are filtered, and a link to one shows it': told(async ({ token, api }, reader) => {
    const { controls } = await api('/controls');
    const enabled = controls.filter((one) => one.enabled);
    const other = controls.find((one) => !one.enabled);
    if (enabled.length === 0 || !other) return 'all are enabled, or none is';
    const { page } = reader;
    await reader.signIn(token, '/controls');
    const cards = page.locator('li.control');
    await cards.first().waitFor();
    assert.equal(await cards.count(), enabled.length);
    await page.getByLabel('Show').selectOption('all');
    await page.waitForFunction(
      (count) => document.querySelectorAll('li.control').length === count,
      controls.length,
    );
    await page.getByLabel('Search').fill(other.id);
    await page.waitForFunction((id) => location.hash.includes(id), other.id);
    assert.ok((await cards.count()) < controls.length);
    await reader.open(`/controls?id=${other.id}`);
    await page.locator('li.control details[open]').getByText(other.id).first().waitFor();
    return undefined;
  }),

  'the whole frame is reached by tab, the content first': told(async ({ token }, reader) => {
    const { page } = reader;
    await reader.signIn(token);
    const reached = [];
    for (let i = 0; i < 18; ++i) {
      await page.keyboard.press('Tab');
      reached.push(
        await page.evaluate(() => document.activeElement.innerText.trim().split('\n')[0]),
      );
    }
    assert.equal(reached[0], 'Skip to the content');
    for (const section of [
      'Overview',
      'Findings',
      'Approvals',
      'Remediations',
      'Controls',
      'Ledger',
      'Settings',
      'Sign out',
    ])
      assert.ok(reached.includes(section), `${section} in ${reached}`);
  }),

  'the ledger is verified': told(async ({ token, pictures }, reader) => {
    await reader.signIn(token, '/ledger');
    await reader.page.getByRole('button', { name: 'Verify' }).click();
    await reader.page.getByText('Intact.').waitFor();
    await reader.page.locator('.ledger summary').first().click();
    await reader.page.locator('.ledger pre').first().waitFor();
    if (pictures) await reader.page.screenshot({ path: join(pictures, 'ledger-verified.png') });
  }),

  'a step of a runbook that asks is let go on': told(
    async ({ api, token, fixture, pictures }, reader) => {
      const asked = (await api('/approvals')).approvals.find((one) => one.kind === 'step');
      if (!asked) return 'no step asks';
      reader.forgive(/403/); // the engine knows who may approve the step
      await reader.signIn(token, '/approvals');
      const card = reader.page.getByRole('article').filter({ hasText: asked.step });
      await card.getByRole('button', { name: 'Approve' }).click();
      if (pictures) await reader.page.screenshot({ path: join(pictures, 'confirm-phone.png') });
      await reader.page.getByLabel('Comment').fill('evidence is kept');
      await confirm(reader.page, 'Approve');
      const refused = reader.page.getByRole('dialog').getByText('is no approver');
      await reader.page.waitForFunction(decidedOrRefused, asked.step);
      if (!fixture && (await refused.count()) > 0) return 'refused: somebody else must approve it';
      if (fixture)
        assert.deepEqual(fixture.posts.at(-1), {
          path: `/executions/${asked.execution}/signal`,
          body: { type: 'Approve', step: asked.step, comment: 'evidence is kept' },
        });
      await reader.open(`/executions/${asked.execution}`);
      const step = reader.page.locator('.flow-step').filter({ hasText: asked.step });
      await step.getByText('Succeeded').waitFor();
      return undefined;
    },
    phone,
  ),

  'a plan is approved by its hash, and its story goes on': told(
    async ({ api, token, fixture, pictures }, reader) => {
      const asked = (await api('/approvals')).approvals.find((one) => one.kind === 'plan');
      if (!asked) return 'no plan waits';
      const shortHash = asked.plan_hash.slice(0, 12);
      const { page } = reader;
      await reader.signIn(token, `/remediations/${asked.remediation}`);
      await page.getByRole('button', { name: 'Approve…' }).click();
      if (pictures) await page.screenshot({ path: join(pictures, 'confirm-light.png') });
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.equal(await page.evaluate(() => document.activeElement.innerText), 'Approve…');
      await page.getByRole('button', { name: 'Reject…' }).click();
      assert.ok(
        await page.getByRole('dialog').getByRole('button', { name: 'Reject' }).isDisabled(),
        'a reason is needed',
      );
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Approve…' }).click();
      await page.getByLabel('Comment').fill('checked with the press team');
      await confirm(page, 'Approve');
      await page.getByText('Approved. The plan is carried out now.').waitFor();
      await page.getByText('checked with the press team').first().waitFor();
      await page.waitForFunction(goneOn, shortHash);
      if (fixture)
        assert.deepEqual(fixture.posts.at(-1), {
          path: `/remediations/${asked.remediation}/approve`,
          body: { plan_hash: asked.plan_hash, comment: 'checked with the press team' },
        });
      return undefined;
    },
  ),

  'a finding is fixed by the plan that was looked at': told(
    async ({ api, token, fixture }, reader) => {
      if (!fixture) return 'tests/e2e does it on the real one';
      const [finding] = (await api('/findings?status=open')).findings;
      const { page } = reader;
      await reader.signIn(token, `/findings/${finding.id}`);
      await page.getByRole('button', { name: 'Rehearse' }).waitFor();
      assert.equal(await page.getByRole('button', { name: 'Fix…' }).count(), 0, 'nothing to agree to yet');
      await page.getByRole('button', { name: 'Rehearse' }).click();
      await page.getByRole('button', { name: 'Fix…' }).click();
      await confirm(page, 'Fix');
      await page.waitForURL(/remediations/);
      const fix = fixture.posts.findLast((one) => one.path === `/findings/${finding.id}/fix`);
      assert.match(fix.body.plan_hash, /^\S+$/);
      return undefined;
    },
  ),

  'what was resolved is rolled back, with a reason': told(
    async ({ api, token, fixture }, reader) => {
      const resolved = (await api('/remediations')).remediations.filter(
        (one) => one.stage === 'resolved',
      );
      const told = await Promise.all(resolved.map((one) => api(`/remediations/${one.id}`)));
      const done = told.find((one) => one.executions.length > 0);
      if (!done) return 'nothing was changed and is resolved';
      const { page } = reader;
      await reader.signIn(token, `/remediations/${done.id}`);
      await page.getByRole('button', { name: 'Roll back…' }).click();
      await page.getByLabel('Reason').fill('the site needs it until Friday');
      await confirm(page, 'Roll back');
      await page.locator('.timeline').getByText('the site needs it until Friday').waitFor();
      if (fixture)
        assert.deepEqual(fixture.posts.at(-1), {
          path: `/remediations/${done.id}/rollback`,
          body: { reason: 'the site needs it until Friday' },
        });
      return undefined;
    },
  ),

  'changes are halted and resumed': told(async ({ token, pictures }, reader) => {
    const { page } = reader;
    await reader.signIn(token);
    await page.getByRole('button', { name: 'Halt…' }).click();
    await page.getByLabel('Reason').fill('drill');
    await confirm(page, 'Halt');
    await page.getByRole('alert').filter({ hasText: 'Halted.' }).waitFor();
    assert.deepEqual(await page.evaluate(unreadable), []);
    if (pictures) await page.screenshot({ path: join(pictures, 'overview-halted.png') });
    await page.getByRole('button', { name: 'Resume…' }).click();
    await page.getByLabel('Reason').fill('drill over');
    await confirm(page, 'Resume');
    await page.getByRole('alert').filter({ hasText: 'Halted.' }).waitFor({ state: 'detached' });
  }),

  'what is held back is told with its reason, and leads to its story': told(
    async ({ token, api }, reader) => {
      const { held } = await api('/brakes');
      if (held.length === 0) return 'nothing is held back';
      const { page } = reader;
      await reader.signIn(token, '/brakes');
      await page.getByText(held[0].reason).first().waitFor();
      await page.getByRole('link', { name: held[0].resource.id }).first().click();
      await page.waitForURL(`**/remediations/${held[0].remediation}`);
    },
  ),

  'an act that is refused says why, and the dialog stays': told(async ({ token }, reader) => {
    reader.forgive(/403/);
    await reader.page.route('**/api/v1/scan', (route) =>
      route.fulfill({
        status: 403,
        contentType: 'application/json',
        body: '{"error":{"code":"denied","number":"AR-0011","message":"your roles do not allow this"}}',
      }),
    );
    await reader.signIn(token, '/findings');
    await reader.page.getByRole('button', { name: 'Scan…' }).click();
    await confirm(reader.page, 'Scan');
    await reader.page.getByRole('dialog').getByText('your roles do not allow this').waitFor();
  }),
};

// Resolved, or asked anew for another plan because the resource moved meanwhile.
const goneOn = (hash) => {
  const stage = document.querySelector('.badges .stage').innerText;
  return stage === 'Resolved' || document.querySelector('.card-head .hash').innerText !== hash;
};

const decidedOrRefused = (step) =>
  document.querySelector('dialog [role=alert]') ||
  ![...document.querySelectorAll('article')].some((card) => card.innerText.includes(step));

// An event that no rule waits for: it is recorded, and that is all.
const signal = () => ({
  version: '0',
  id: randomUUID(),
  source: 'example.console-test',
  'detail-type': 'Something happened',
  account: '111122223333',
  region: 'us-east-1',
  time: new Date().toISOString(),
  resources: [],
  detail: {},
});

async function appears(page, api) {
  await page.locator('.ledger li').first().waitFor();
  const before = (await api('/ledger?from=-1&limit=1')).size;
  await api('/signals', signal());
  await page.waitForFunction(
    (size) => Number(document.querySelector('.ledger .position')?.textContent) > size,
    before,
  );
}
