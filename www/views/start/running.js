// A run under way: how far it is, what computes, and the way to end it.
import { h, replace } from '../../dom/elements.js';
import { store } from '../../app/state.js';
import { describeBackend } from '../../report/backend.js';
import { bytes, duration } from '../../report/format.js';
import { cancel } from '../../app/actions.js';
import { keptView } from '../parts/kept.js';

export function progressView() {
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Progress of the run' });
  const line = h('p', { class: 'progress-line' });
  const backend = h('p', { class: 'quiet' });
  // Read out every few seconds, not on every step.
  const spoken = h('p', { class: 'sr', 'aria-live': 'polite' });
  let saidAt = 0;
  store.watch(['progress'], ({ progress }) => {
    if (!progress) return replace(line, 'Reading headers …');
    const {
      done,
      total,
      fraction,
      tensor,
      stage,
      bytes_per_second: rate,
      seconds_left: left,
    } = progress;
    bar.value = fraction;
    const parts = [
      `${Math.floor(fraction * 100)} %`,
      `${done} of ${total} tensors`,
      rate > 0 && `${bytes(rate)}/s`,
      left !== null && `${duration(left)} left`,
    ]
      .filter(Boolean)
      .join(' · ');
    replace(
      line,
      h('span', { class: 'tabular' }, parts),
      tensor && h('span', { class: 'quiet tensor' }, h('code', {}, tensor), stage && ` ${stage}`),
    );
    if (performance.now() - saidAt < 5000) return;
    saidAt = performance.now();
    spoken.textContent = parts;
  });
  store.watch(['backend'], (state) => {
    backend.textContent = state.backend ? describeBackend(state.backend) : '';
  });
  return h(
    'div',
    { class: 'running' },
    keptView('running'),
    bar,
    line,
    backend,
    spoken,
    h('button', { type: 'button', id: 'cancel', onclick: cancel }, 'Cancel'),
  );
}
