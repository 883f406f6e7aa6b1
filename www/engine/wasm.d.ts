// The analyser as the build puts it into www/wasm; a fresh checkout does not have it yet.
declare module '*/wasm/gatescope.js' {
  export default function init(options: { module_or_path: string }): Promise<unknown>;
}
