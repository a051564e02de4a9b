type Rgb = readonly [red: number, green: number, blue: number];

/** Colours at delays, in minutes; in between they blend. Early is cool and calm, late is warm. */
const stops: readonly (readonly [minutes: number, color: Rgb])[] = [
  [-30, [45, 212, 191]],
  [0, [125, 182, 255]],
  [15, [250, 221, 130]],
  [45, [251, 146, 60]],
  [120, [244, 63, 94]],
];

/** Delays that the legend names. */
export const legendTicks = [-30, 0, 15, 45, 120];

export function delayColor(minutes: number, alpha = 1): string {
  const [red, green, blue] = blend(minutes);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

function blend(minutes: number): Rgb {
  const after = stops.findIndex(([at]) => at >= minutes);
  if (after === 0) return stops[0]![1];
  if (after < 0) return stops.at(-1)![1];
  const [fromAt, from] = stops[after - 1]!;
  const [toAt, to] = stops[after]!;
  const share = (minutes - fromAt) / (toAt - fromAt);
  return [0, 1, 2].map((i) => Math.round(from[i]! + (to[i]! - from[i]!) * share)) as unknown as Rgb;
}

/** Every stop takes the same width, so that the colours near "on time" are not squeezed. */
export function drawLegend(canvas: HTMLCanvasElement, ticks: HTMLElement): void {
  const context = canvas.getContext('2d')!;
  const gradient = context.createLinearGradient(0, 0, canvas.width, 0);
  legendTicks.forEach((minutes, i) => {
    const at = i / (legendTicks.length - 1);
    gradient.addColorStop(at, delayColor(minutes));
    const tick = document.createElement('li');
    tick.textContent =
      i === 0 ? `${-minutes} early` : i === legendTicks.length - 1 ? `${minutes} late` : String(minutes);
    tick.style.left = `${at * 100}%`;
    ticks.append(tick);
  });
  context.fillStyle = gradient;
  context.fillRect(0, 0, canvas.width, canvas.height);
}
