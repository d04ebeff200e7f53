import { render } from 'preact';
import { App } from './app';
import type { Place } from './model/address';
import { given } from './model/given';
import './style.css';
import './page.css';
import { presenterSecret } from './room/secret';

const place = document.getElementById('app') as HTMLElement;
if (typeof WebAssembly === 'object' && typeof DecompressionStream === 'function') {
  place.replaceChildren();
  render(<App secret={presenterSecret()} written={given<Place>()} />, place);
} else {
  place.textContent =
    'This browser has no WebAssembly, or cannot unpack it: a current Firefox, Chrome, Edge or Safari can. ' +
    'In a terminal, racelab does the same: racelab step two-writers.';
}
