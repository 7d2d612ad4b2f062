import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { ask } from './fetcher.js';

/** The example queries of the server's schema: [{title, about, query, variables}]. */
export async function loadExamples() {
  const response = await fetch('examples.json');
  return response.ok ? response.json() : [];
}

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" aria-hidden="true">
    <path d="M12 6.5C10 4.8 7 4.3 3 4.5v14c4-.2 7 .3 9 2 2-1.7 5-2.2 9-2v-14c-4-.2-7 .3-9 2zM12 6.5v14" />
  </svg>
);

/** The plugin whose pane lists the examples; one opens in a tab of its own. */
export function examplesPlugin(examples) {
  function Pane() {
    const { addTab } = useGraphiQLActions();
    const { queryEditor, variableEditor } = useGraphiQL(({ queryEditor, variableEditor }) => ({ queryEditor, variableEditor }));
    const open = async ({ query, variables }) => {
      const filled = await fill(variables);
      if (queryEditor.getValue().trim() !== '') addTab();
      variableEditor.setValue(filled ? JSON.stringify(filled, null, 2) : '');
      queryEditor.setValue(query);
      queryEditor.focus();
    };
    return (
      <section className="examples" aria-label="Examples">
        <h2 className="pane-title">Examples</h2>
        <ul>
          {examples.map((example) => (
            <li key={example.title}>
              <button type="button" onClick={() => open(example)}>
                <strong>{example.title}</strong>
                <span>{example.about}</span>
              </button>
            </li>
          ))}
        </ul>
      </section>
    );
  }
  return { title: 'Examples', icon: Icon, content: Pane };
}

/**
 * Variables may ask for their value: {"id": {"$from": "artists(first: 1) { nodes { id } }"}}
 * stands for the first scalar which that selection answers, since ids differ from data to data.
 */
async function fill(variables) {
  if (!variables) return null;
  const filled = {};
  for (const [name, value] of Object.entries(variables)) {
    const selection = value?.$from;
    filled[name] = selection ? firstScalar(await ask(`{ ${selection} }`).catch(() => null)) : value;
  }
  return filled;
}

function firstScalar(value) {
  while (value !== null && typeof value === 'object') value = Object.values(value)[0] ?? null;
  return value;
}
