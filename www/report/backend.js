// What computed a report, in the words of a line of text.

export const backendText = ({ kind, adapter, reason, workers }) =>
  `${kind === 'gpu' ? `GPU${adapter ? ` (${adapter})` : ''}` : `CPU, ${workers} worker${workers === 1 ? '' : 's'}`}${reason ? `: ${reason}` : ''}`;
