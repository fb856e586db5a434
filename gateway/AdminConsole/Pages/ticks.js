/** Round numbers from zero up to what covers a value: steps of 1, 2 or 5 times a power of ten. */
export function ticks(most, about = 5, wholes = false) {
  if (!(most > 0)) return [0, 1];
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough * 0.999);
  if (wholes) step = Math.max(1, step);
  const all = [];
  for (let index = 0; index === 0 || all[all.length - 1] < most * 0.9999; index++) all.push(Number((index * step).toPrecision(12)));
  return all;
}

/** Every so manyeth, so that about as many are left. */
export const thinned = (items, most) => {
  const every = Math.max(1, Math.ceil(items.length / most));
  return items.filter((_, index) => index % every === 0);
};
