import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useMemo } from 'react';
import { examplesPlugin } from './examples.jsx';
import { fetcher } from './fetcher.js';
import { STATEMENTS_PLUGIN, StatementsLine } from './statements.jsx';

const EXPLORER_PLUGIN = explorerPlugin({ showAttribution: false });

/** GraphiQL with Backline's two panes, Examples and Statements, and in development with a way to sign in. */
export function Playground({ examples, SignIn }) {
  const { plugins, first, greet } = useMemo(() => {
    const pane = examplesPlugin(examples);
    const greet = localStorage.getItem('graphiql:visiblePlugin') === null && examples.length > 0;
    return {
      plugins: [HISTORY_PLUGIN, EXPLORER_PLUGIN, ...(examples.length > 0 ? [pane] : []), STATEMENTS_PLUGIN],
      first: examples[0],
      greet: greet ? pane : undefined,
    };
  }, [examples]);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      visiblePlugin={greet}
      defaultQuery={first?.query ?? ''}
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>
        <div className="masthead">
          {SignIn && <SignIn />}
          <span className="logo">{document.title}</span>
        </div>
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <StatementsLine />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}
