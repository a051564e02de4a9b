/** Calls `task` in a turn of the event loop soon after this one, without the 4 ms that browsers put between nested timers. */
export const nextTurn: (task: () => void) => void = chooseNextTurn();

function chooseNextTurn(): (task: () => void) => void {
  const { setImmediate } = globalThis as { setImmediate?: (task: () => void) => void };
  if (setImmediate !== undefined) return (task) => setImmediate(task);
  let channel: MessageChannel | undefined;
  const tasks: (() => void)[] = [];
  return (task) => {
    if (channel === undefined) {
      channel = new MessageChannel();
      channel.port1.onmessage = () => tasks.shift()?.();
    }
    tasks.push(task);
    channel.port2.postMessage(0);
  };
}
