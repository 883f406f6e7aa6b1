import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: { target: 'esnext' },
  // The development server would move the package's script away from its worker and its wasm.
  optimizeDeps: { exclude: ['gatescope'] },
});
