// Headless Chromium with WebGPU, for `npm run analyze` and the end to end tests.
import { ensureChromium } from '../setup/browser.mjs';

const QUIET = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

function gpuFlags() {
  const software = process.env.GATESCOPE_HARDWARE_GPU !== '1';
  // WebGPU is behind the first flag on Linux; the second makes results the same on every machine.
  return [
    '--enable-unsafe-webgpu',
    ...(software ? ['--use-webgpu-adapter=swiftshader'] : ['--enable-features=Vulkan']),
  ];
}

/**
 * `webgpu: false` gives a browser without an adapter; `args` are added to our own flags.
 *
 * @param {{ webgpu?: boolean, args?: string[] }} [options]
 */
export async function launchChromium({ webgpu = true, args = [] } = {}) {
  const executablePath = await ensureChromium();
  const { default: puppeteer } = await import('puppeteer-core');
  // Chromium's sandbox does not work for root, which is what containers usually run as.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return puppeteer.launch({
    executablePath,
    headless: true,
    // An analysis may take hours inside one call.
    protocolTimeout: 0,
    args: [...QUIET, ...sandbox, ...(webgpu ? gpuFlags() : ['--disable-features=WebGPU']), ...args],
  });
}
