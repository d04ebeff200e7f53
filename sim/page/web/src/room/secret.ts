// The secret of the projector's page. It comes in the address, and leaves it at once: the address is on the screen, and is shared.
const KEY = 'racelab-present';

/** Nothing: this page leads no room. To be asked before anything reads the address. */
export function presenterSecret(): string | undefined {
  if (location.pathname !== '/projector' || location.protocol === 'file:') return undefined;
  const given = /^#present=([0-9a-f]{32})$/.exec(location.hash)?.[1];
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(KEY) ?? '';
}
