// The page on a phone, small by itself: no engine is in it.
import { render } from 'preact';
import '../style.css';
import './phone.css';
import { Phone } from './phone';

const place = document.getElementById('app') as HTMLElement;
place.replaceChildren();
render(<Phone />, place);
