// Debian's Chromium, driven by playwright-core as console/package-lock.json pins it.

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const executablePath = process.env.ARIGHT_CHROMIUM ?? '/usr/bin/chromium';
const wait_ms = 20_000; // ample: a busy machine is no fault of the console

export async function openBrowser(modulesFolder) {
  const { chromium } = createRequire(pathToFileURL(`${modulesFolder}/`))('playwright-core');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
  });
}

// One reader with a window of their own, and everything that went wrong in it.
export class Reader {
  static async come(browser, url, { width = 1280, height = 900, scheme = 'light' } = {}) {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
    });
    await context.addInitScript(() => {
      window.violations = [];
      document.addEventListener('securitypolicyviolation', (event) =>
        window.violations.push(`${event.violatedDirective}: ${event.blockedURI || event.sample}`),
      );
    });
    const reader = new Reader();
    Object.assign(reader, {
      context,
      url,
      page: await context.newPage(),
      complaints: [],
      requests: [],
      forgiven: [],
    });
    reader.page.setDefaultTimeout(wait_ms);
    reader.page.on('pageerror', (error) => reader.complaints.push(`exception: ${error.message}`));
    reader.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        reader.complaints.push(`console: ${message.text()}`);
    });
    reader.page.on('request', (request) => reader.requests.push(request));
    return reader;
  }

  // `forgive`: complaints that a test causes on purpose, such as a refused request.
  forgive(pattern) {
    this.forgiven.push(pattern);
  }

  async signIn(token, page = '/') {
    await this.page.goto(
      `${this.url}#token=${encodeURIComponent(token)}&page=${encodeURIComponent(page)}`,
    );
    await this.page.waitForSelector('h1');
  }

  async open(page) {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, page);
    await this.settled();
  }

  async settled() {
    await this.page.waitForFunction(
      () => document.querySelector('main h1') && !document.querySelector('.loading'),
    );
  }

  async leave() {
    const violations = await this.page.evaluate(() => window.violations).catch(() => []);
    await this.context.close();
    const complaints = [...this.complaints, ...violations.map((one) => `policy: ${one}`)];
    return complaints.filter((one) => !this.forgiven.some((pattern) => pattern.test(one)));
  }
}
