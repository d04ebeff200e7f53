import { render } from 'preact';
import { given } from '../model/given';
import type { Given } from '../model/result';
import '../style.css';
import '../page.css';
import './result.css';
import { Result } from './result';

const place = document.getElementById('result') as HTMLElement;
const found = given<Given>();
if (found) {
  document.title = found.command;
  place.replaceChildren();
  render(<Result given={found} />, place);
} else {
  place.textContent =
    'There is no result in this page yet: racelab explain two-writers --format html --output race.html writes one.';
}
