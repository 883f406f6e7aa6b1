// Headless Firefox as it comes, without WebGPU: for the end to end tests.
import { ensureFirefox } from '../setup/browser.mjs';

export async function launchFirefox() {
  const executablePath = await ensureFirefox();
  const { default: puppeteer } = await import('puppeteer-core');
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
}
