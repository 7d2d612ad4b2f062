import 'graphiql/setup-workers/vite';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './fonts.css';
import './playground.css';

import { createRoot } from 'react-dom/client';
import { loadExamples } from './examples.jsx';
import { identifyWith } from './fetcher.js';
import { Playground } from './playground.jsx';
import { signInEndpoint } from './settings.js';

// The editor measures its font once, so the font has to be there before it.
const [examples, signIn] = await Promise.all([
  loadExamples(),
  signInEndpoint ? import('./signin.jsx') : undefined, // the server has it in development only
  document.fonts.load('14px "Fira Code"').catch(() => undefined),
]);

if (signIn) identifyWith(signIn.session.headers);

createRoot(document.getElementById('playground')).render(<Playground examples={examples} SignIn={signIn?.SignIn} />);
