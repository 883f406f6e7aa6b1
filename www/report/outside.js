// What stands outside the layers, in words.

/** Names of kinds outside the layers. @type {Record<string, string>} */
export const OUTSIDE = { embed: 'embeddings', head: 'head', norm: 'final norm' };
