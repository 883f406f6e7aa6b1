// Sorting and filtering of the table. Pure, so that it is tested without a page.

/** A copy in order; what has no value comes last in both directions, ties keep their order. */
export function sorted(rows, value, descending) {
  const sign = descending ? -1 : 1;
  return rows
    .map((row, at) => ({ row, at, key: value(row) }))
    .sort((a, b) => {
      const [none, other] = [a.key ?? null, b.key ?? null].map((key) => key === null);
      if (none || other) return none - other || a.at - b.at;
      const by =
        typeof a.key === 'string'
          ? a.key.localeCompare(b.key, 'en', { numeric: true })
          : a.key - b.key;
      return sign * by || a.at - b.at;
    })
    .map(({ row }) => row);
}

/** All words must occur in the name, module or dtype; `layer:3` and `layer:2-5` name layers. */
export function filtered(tensors, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return tensors.filter((tensor) =>
    words.every((word) => {
      const layers = /^layer:(\d+)(?:-(\d+))?$/.exec(word);
      if (layers)
        return (
          tensor.layer !== null &&
          tensor.layer >= Number(layers[1]) &&
          tensor.layer <= Number(layers[2] ?? layers[1])
        );
      return `${tensor.name} ${tensor.module} ${tensor.dtype}`.toLowerCase().includes(word);
    }),
  );
}
