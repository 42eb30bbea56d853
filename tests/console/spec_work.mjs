// More of the stories: what is done to many at once, the pages about rules and record, and what the keyboard does.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { unreadable } from './judge.mjs';
import { confirm, phone, told } from './tell.mjs';

const paint_ms_max = 300; // on loopback
const paint_tries = 5; // a machine may have other things to do meanwhile
const bundle_bytes_max = 200_000; // of all that the page loads, as gzip makes it

export const workStories = {
  'the page is small, and painted at once': told(async ({ url, token }, reader) => {
    let bytes = 0;
    for (const file of ['', 'app.js', 'app.css', 'icon.svg']) {
      const response = await fetch(new URL(file, url));
      bytes += gzipSync(Buffer.from(await response.arrayBuffer())).length;
    }
    assert.ok(bytes < bundle_bytes_max, `${bytes} bytes`);
    await reader.signIn(token);
    let painted = Infinity;
    for (let i = 0; i < paint_tries && painted >= paint_ms_max; ++i) {
      await reader.page.reload();
      await reader.page.waitForSelector('h1');
      painted = await reader.page.evaluate(
        () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
      );
    }
    assert.ok(painted < paint_ms_max, `first paint after ${painted} ms`);
    console.log(`      first paint after ${Math.round(painted)} ms, ${bytes} bytes gzipped`);
  }),

  'the runbook that ran is a graph, whose steps say what went in and came out': told(
    async ({ api, token, fixture, pictures }, reader) => {
      const { executions } = await api('/executions');
      if (executions.length === 0) return 'nothing was run';
      const ran = executions.find((one) => one.document === 'Acme-RestartFleet') ?? executions[0];
      const { steps } = await api(`/executions/${ran.id}/flow`);
      const { page } = reader;
      await reader.signIn(token, `/executions/${ran.id}`);
      const boxes = page.locator('.flow-step');
      await boxes.first().waitFor();
      const count = (list) => list.reduce((sum, one) => sum + 1 + count(one.steps), 0);
      assert.equal(await boxes.count(), count(steps));
      await boxes.first().click();
      await page.getByRole('heading', { name: steps[0].name, exact: true }).waitFor();
      assert.ok((await page.locator('.flow-lines .gone').count()) > 0, 'a way that was gone');
      if (!fixture) return undefined;
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByLabel('Round').selectOption('0');
      assert.match(await page.locator('option:checked').last().innerText(), /i-0a11/);
      assert.equal(
        await page.locator('.flow-lines .bad.gone').count(),
        1,
        'the way of the failure',
      );
      if (pictures) await page.screenshot({ path: join(pictures, 'execution-loop.png') });
      return undefined;
    },
  ),

  'a run that goes on is cancelled, with a reason': told(
    async ({ api, token, fixture, pictures }, reader) => {
      const { executions } = await api('/executions');
      const going = executions.find((one) => !one.ended_at && !one.remediation);
      if (!going) return 'no run by itself is under way';
      const { page } = reader;
      await reader.signIn(token, `/executions/${going.id}`);
      await page.getByRole('button', { name: 'End run…' }).click();
      const dialog = page.getByRole('dialog');
      assert.ok(await dialog.getByRole('button', { name: 'End run' }).isDisabled(), 'a reason is needed');
      await page.getByLabel('Reason').fill('the wrong fleet');
      if (pictures) await page.screenshot({ path: join(pictures, 'confirm-cancel.png') });
      await confirm(page, 'End run');
      if (fixture)
        assert.deepEqual(fixture.posts.at(-1), {
          path: `/executions/${going.id}/cancel`,
          body: { reason: 'the wrong fleet' },
        });
      await page.locator('.page-head').getByText('the wrong fleet').waitFor();
      await page.getByRole('button', { name: 'End run…' }).waitFor({ state: 'detached' });
      if (pictures) await page.screenshot({ path: join(pictures, 'execution-cancelled.png') });
      return undefined;
    },
  ),

  'entries are proven in the browser, and a forged one is found out': told(
    async ({ api, token, pictures }, reader) => {
      const { remediations } = await api('/remediations');
      if (remediations.length === 0) return 'nothing was set right';
      const { page } = reader;
      await reader.signIn(token, `/remediations/${remediations[0].id}`);
      await page.getByRole('button', { name: 'Check the proof' }).click();
      await page.getByText('Proven in this browser.').waitFor();
      assert.deepEqual(await page.evaluate(unreadable), []);
      if (pictures)
        await page
          .getByRole('region', { name: 'On record' })
          .screenshot({ path: join(pictures, 'proof.png') });
      await page.route('**/api/v1/ledger/proofs*', async (route) => {
        const answer = await (await route.fetch()).json();
        const [first] = answer.entries;
        first.leaf = first.leaf.replace(/remediation_opened/, 'remediation_closed');
        await route.fulfill({ json: answer });
      });
      await page.getByRole('button', { name: 'Check again' }).click();
      await page.getByText('is not the one that the checkpoint covers').waitFor();
      return undefined;
    },
  ),

  'several findings are fixed by the plans that were shown': told(
    async ({ api, token, fixture, pictures }, reader) => {
      if (!fixture) return 'tests/e2e fixes on the real one';
      const { findings } = await api('/findings?status=open');
      const { page } = reader;
      await reader.signIn(token, '/findings?group=control');
      await page.getByLabel('Choose all that are open').check();
      await page.getByText(`${findings.length} chosen`).waitFor();
      if (pictures) await page.screenshot({ path: join(pictures, 'findings-chosen.png') });
      await page.getByRole('button', { name: 'Fix…' }).click();
      await page.getByText('was rehearsed just now').waitFor();
      assert.deepEqual(await page.evaluate(unreadable), []);
      if (pictures) await page.screenshot({ path: join(pictures, 'findings-fix.png') });
      await confirm(page, 'Fix');
      await page.getByText(`${findings.length} remediations opened.`).waitFor();
      const fixed = fixture.posts
        .filter((one) => one.path.endsWith('/fix'))
        .slice(-findings.length);
      assert.deepEqual(
        fixed.map((one) => one.path.split('/')[2]).sort(),
        findings.map((one) => one.id).sort(),
      );
      assert.ok(fixed.every((one) => /^\S+$/.test(one.body.plan_hash)));
      return undefined;
    },
  ),

  'a finding is left alone with a reason and an owner, and no longer': told(
    async ({ api, token, fixture }, reader) => {
      if (!fixture) return 'tests/e2e makes exceptions on the real one';
      const { findings } = await api('/findings?status=open');
      const finding = findings.find((one) => !one.exception);
      const { page } = reader;
      await reader.signIn(token, `/findings/${finding.id}`);
      await page.getByRole('button', { name: 'Leave alone…' }).click();
      await page.getByLabel('Reason').fill('until the new site is up');
      await page.getByLabel('Owner').fill('web team');
      await page.getByLabel('For').selectOption('7');
      await confirm(page, 'Make the exception');
      await page.getByText('Left alone').waitFor();
      const { body } = fixture.posts.at(-1);
      assert.equal(body.message, 'until the new site is up');
      assert.equal(body.owner, 'web team');
      const days = (Date.parse(body.until) - Date.now()) / 86_400_000;
      assert.ok(days > 6.9 && days < 7.1, body.until);
      await reader.open('/exceptions');
      const row = page.locator('tr').filter({ hasText: 'until the new site is up' });
      await row.getByText('web team answers for it').waitFor();
      await row.getByRole('button', { name: 'End…' }).click();
      await confirm(page, 'End it');
      await row.waitFor({ state: 'detached' });
    },
  ),

  'a void exception says so': told(async ({ api, token }, reader) => {
    if (!(await api('/exceptions')).exceptions.some((one) => one.void)) return 'none is void';
    await reader.signIn(token, '/exceptions');
    await reader.page.getByText('Void', { exact: true }).waitFor();
  }),

  'an escalation shows who is told, and who is next': told(async ({ api, token }, reader) => {
    const list = (await api('/escalations')).escalations;
    const open = list.find((one) => one.status === 'open' && one.next && one.ladder.length > 1);
    if (!open) return 'nothing climbs a ladder';
    await reader.signIn(token, '/escalations');
    const rungs = reader.page.locator('.card', { hasText: open.subject }).locator('.rungs li');
    assert.equal(await rungs.count(), open.ladder.length);
    for (const [i, rung] of open.ladder.entries()) {
      const text = await rungs.nth(i).innerText();
      assert.ok(text.startsWith(rung.tell) && text.includes(rung.told ? 'told' : 'not yet'), text);
    }
    assert.equal(await rungs.filter({ hasText: /, (again )?at / }).count(), 1);
    return undefined;
  }, phone),

  'an escalation is acknowledged': told(async ({ api, token, fixture }, reader) => {
    const open = (await api('/escalations')).escalations.find((one) => one.status === 'open');
    if (!fixture || !open) return 'nothing is escalated that this may take';
    const { page } = reader;
    await reader.signIn(token, '/escalations');
    await page.getByRole('button', { name: 'Acknowledge…' }).first().click();
    await page.getByLabel('Comment').fill('on it');
    await confirm(page, 'I see to it');
    await page.getByText('sees to it since').first().waitFor();
    assert.deepEqual(fixture.posts.at(-1), {
      path: `/escalations/${open.id}/ack`,
      body: { comment: 'on it' },
    });
    return undefined;
  }, phone),

  'a control says what its fixes have earned, and how it is tested': told(
    async ({ api, token }, reader) => {
      const { controls } = await api('/autonomy');
      if (controls.length === 0) return 'no fix came to an end';
      const { page } = reader;
      await reader.signIn(token, `/controls?id=${controls[0].control}`);
      const body = page.locator('.control-body');
      await body.getByText('vouches for').waitFor();
      await body.getByText(`aright controls test ${controls[0].control}`).waitFor();
    },
  ),

  'a control says who decides about its fixes, and why': told(async ({ api, token }, reader) => {
    const { controls } = await api('/controls');
    const enabled = controls.find((one) => one.enabled);
    const { decided } = await api(`/controls/${enabled.id}`);
    const { page } = reader;
    await reader.signIn(token, `/controls?id=${enabled.id}`);
    const fact = page.locator('.control-body dd', { hasText: decided[0].reason });
    await fact.getByText(new RegExp(`^${decided[0].decision}`, 'i')).waitFor();
  }),

  'the report is saved as a page': told(async ({ token }, reader) => {
    const { page } = reader;
    await reader.signIn(token, '/report');
    await page.locator('.times').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as a page' }).click();
    assert.equal((await saved).suggestedFilename(), 'aright-report.html');
  }),

  'colours are chosen, and stay so': told(async ({ token }, reader) => {
    const { page } = reader;
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await reader.signIn(token, '/settings');
    const light = await ground();
    await page.getByLabel('Dark').check();
    const dark = await ground();
    assert.notEqual(dark, light);
    assert.deepEqual(await page.evaluate(unreadable), []);
    await page.reload();
    await page.waitForSelector('h1');
    assert.equal(await ground(), dark);
    await page.getByLabel('As the system').check();
    assert.equal(await ground(), light);
  }),

  'a channel is tested': told(async ({ api, token, fixture }, reader) => {
    if (!fixture) return 'it would send';
    const [channel] = (await api('/channels')).channels;
    const { page } = reader;
    await reader.signIn(token, '/settings');
    await page.getByRole('button', { name: 'Test…' }).first().click();
    await confirm(page, 'Send it');
    await page.getByText('It was delivered.').waitFor();
    assert.deepEqual(fixture.posts.at(-1), {
      path: '/channels/test',
      body: { channel: channel.name },
    });
    return undefined;
  }),

  'keys lead to pages, and a few letters to anything': told(
    async ({ api, token, pictures }, reader) => {
      const [finding] = (await api('/findings')).findings;
      const { page } = reader;
      await reader.signIn(token);
      await page.keyboard.press('?');
      await page.getByRole('dialog').getByText('find a page').waitFor();
      assert.deepEqual(await page.evaluate(unreadable), []);
      if (pictures) await page.screenshot({ path: join(pictures, 'keys.png') });
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('g');
      await page.keyboard.press('x');
      await page.getByRole('heading', { name: 'Exceptions', exact: true }).waitFor();
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Find a page' }).fill(finding?.id ?? 'ledger');
      if (pictures) await page.screenshot({ path: join(pictures, 'finder.png') });
      await page.getByRole('listbox').getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(finding ? `**/findings/${finding.id}` : '**/ledger');
    },
  ),

  'who comes by the identity provider lands where they were': told(
    async ({ url, fixture, pictures }, reader) => {
      if (!fixture) return 'the server tests do it with an issuer';
      const { page } = reader;
      fixture.issuer = 'https://login.example.com/realms/acme';
      await page.goto(`${url}#/findings?status=all`);
      const link = page.getByRole('link', { name: 'Sign in through login.example.com' });
      await link.waitFor();
      assert.deepEqual(await page.evaluate(unreadable), []);
      if (pictures) await page.screenshot({ path: join(pictures, 'sign-in-provider.png') });
      await link.click();
      await page.getByRole('heading', { name: 'Findings', exact: true }).waitFor();
      assert.equal(new URL(page.url()).hash, '#/findings?status=all');
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.goto(`${url}?#page=%2F&refused=denied`);
      await page.getByText('you have no role here').waitFor();
      fixture.issuer = null;
      return undefined;
    },
  ),

  'a part is halted, and goes on by itself': told(async ({ token, pictures }, reader) => {
    const { page } = reader;
    await reader.signIn(token, '/brakes');
    await page.getByRole('button', { name: 'Halt a part…' }).click();
    await page.getByLabel('Control').fill('restricted-ssh');
    await page.getByLabel('Reason').fill('its fix is wrong');
    if (pictures) await page.screenshot({ path: join(pictures, 'halt-part.png') });
    await confirm(page, 'Halt');
    const halt = page.locator('.lines-list li').filter({ hasText: 'its fix is wrong' });
    await halt.getByText('restricted-ssh').waitFor();
    assert.deepEqual(await page.evaluate(unreadable), []);
    await halt.getByRole('button', { name: 'Resume…' }).click();
    await page.getByLabel('Reason').fill('it is mended');
    await confirm(page, 'Resume');
    await halt.waitFor({ state: 'detached' });
  }),

  'a row is chosen by its key': told(async ({ api, token }, reader) => {
    const { findings } = await api('/findings?status=open');
    if (findings.length === 0) return 'nothing is open';
    const { page } = reader;
    await reader.signIn(token, '/findings');
    await page.locator('a.row-link').first().focus();
    await page.keyboard.press('x');
    await page.getByText('1 chosen').waitFor();
    await page.keyboard.press('x');
    await page.getByText('1 chosen').waitFor({ state: 'detached' });
  }),
};
