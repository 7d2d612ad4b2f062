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
import { Playground } from './playground.jsx';

// The editor measures its font once, so the font has to be there before it.
const [examples] = await Promise.all([
  loadExamples(),
  document.fonts.load('14px "Fira Code"').catch(() => undefined),
]);

createRoot(document.getElementById('playground')).render(<Playground examples={examples} />);
