// Damaged reports: one place of a whole report is made into something else, the same for the same
// number.

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function drawNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HOSTILE = '<img src=x onerror="window.hacked = true">\u202e__proto__';

/** What a value is made into. `undefined` takes it away. */
const INTO = [
  () => undefined,
  () => null,
  () => 1e5,
  () => 1e300,
  () => -1,
  () => 0.5,
  () => 0,
  () => Number.MAX_SAFE_INTEGER,
  () => '',
  () => HOSTILE,
  () => 'x'.repeat(1e5),
  () => [],
  () => ({}),
  () => true,
  () => [[[[]]]],
  () => ({ __proto__: null, constructor: 1, toString: 2 }),
  (value) => (Array.isArray(value) ? [...value, ...value] : [value]),
  (value) => (Array.isArray(value) ? value.slice(1) : { 0: value }),
  (value) => (typeof value === 'number' ? -value : String(value)),
  (value) => (typeof value === 'number' ? value * 1e6 : value?.toString()),
];

/** What a number, a text or a list is made into that stays one. */
const ALIKE = {
  number: [1e5, 1e300, -1, 0.5, 0, 3, 65, 4096, 1e9, Number.MAX_SAFE_INTEGER, -1e-300],
  string: [
    '',
    HOSTILE,
    '__proto__',
    'constructor',
    'x'.repeat(1e5),
    '\n=1+1',
    'done',
    'F64',
    'AAAA',
  ],
};

/** A value of the same kind; any where there is none. */
function makeAlike(value, pick) {
  if (Array.isArray(value)) {
    const many = Array.from({ length: 100 }, () => value).flat();
    return pick([[], value.slice(1), [...value, ...value], value.toReversed(), many]);
  }
  return ALIKE[typeof value] ? pick(ALIKE[typeof value]) : pick(INTO)(value);
}

/** Every place of a value, as the object that holds it and its key. */
function findPlaces(value, places = []) {
  for (const [key, inner] of Object.entries(value)) {
    places.push([value, key]);
    if (typeof inner === 'object' && inner !== null) findPlaces(inner, places);
  }
  return places;
}

/**
 * A damaged copy of a report. Half of the places are taken from the levels above the long lists,
 * which have few.
 */
export function damage(report, seed) {
  const draw = drawNumbers(seed);
  const pick = (list) => list[Math.floor(draw() * list.length)];
  const copy = structuredClone(report);
  const near = findPlaces(copy).filter(([, key]) => !/^\d+$/.test(key));
  const [owner, key] = pick(draw() < 0.5 ? near : findPlaces(copy));
  const value = draw() < 0.5 ? makeAlike(owner[key], pick) : pick(INTO)(owner[key]);
  if (value === undefined) delete owner[key];
  else owner[key] = value;
  return { report: copy, what: `${key} → ${String(JSON.stringify(value)).slice(0, 40)}` };
}
