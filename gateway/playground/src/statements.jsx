import { useGraphiQLActions } from '@graphiql/react';
import { trace, useTrace } from './trace.js';

const count = (n, noun) => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : noun === 'batch' ? 'es' : 's'}`;
const millis = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

const Icon = () => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
    <ellipse cx="12" cy="5" rx="8" ry="3" />
    <path d="M4 5v7c0 1.7 3.6 3 8 3s8-1.3 8-3V5M4 12v7c0 1.7 3.6 3 8 3s8-1.3 8-3v-7" />
  </svg>
);

function Pane() {
  const { on, report } = useTrace();
  return (
    <section className="statements" aria-label="Statements">
      <header>
        <h2 className="pane-title">Statements</h2>
        <label className="switch">
          <input type="checkbox" role="switch" checked={on} onChange={(event) => trace.turn(event.target.checked)} />
          Trace
        </label>
      </header>
      {!on && <p className="pane-hint">Tracing is off. Turn it on to see what each query asks of the shards.</p>}
      {on && !report && <Introduction />}
      {on && report && (report.trace ? <Report {...report} /> : <Untraced />)}
    </section>
  );
}

const Introduction = () => (
  <p className="pane-hint">
    Run a query to see the SQL statements behind it. Every level of a query is one wave; in a wave each loader collects
    all its keys, and sends each shard one statement at most, however wide the lists are.
  </p>
);

const Untraced = () => (
  <p className="pane-hint">
    The server sent no trace with the last response. It answers the header <code>Backline-Trace: 1</code> in development
    only.
  </p>
);

function Report({ operation, trace: { waves, statements, batches = [] }, roundTrip }) {
  const slowest = Math.max(0.001, ...batches.flatMap((batch) => (batch.statements ?? []).map(({ ms }) => ms)));
  const numbers = [...new Set(batches.map(({ wave }) => wave))].sort((a, b) => a - b);
  return (
    <>
      <p className="statements-total">
        <strong data-testid="statement-count">{statements}</strong>
        <span>
          {statements === 1 ? 'statement' : 'statements'} in {count(waves, 'wave')}
          <small>
            {operation ? `${operation}, ` : ''}
            {millis(roundTrip)} round trip
          </small>
        </span>
      </p>
      {numbers.map((number) => (
        <section key={number} className="wave">
          <h3>Wave {number}</h3>
          {batches
            .filter(({ wave }) => wave === number)
            .map((batch, index) => (
              <Batch key={index} {...batch} slowest={slowest} />
            ))}
        </section>
      ))}
    </>
  );
}

/** Where the cache had the keys of a batch, tier by tier. */
const TIERS = [
  ['local', 'hit in process'],
  ['redis', 'hit in Redis'],
  ['stale', 'stale'],
  ['joined', 'joined'],
  ['miss', 'miss'],
  ['staleIfError', 'stale, since loading failed'],
];

const Cache = ({ cache }) => (
  <p className="cache" aria-label="Cache">
    {TIERS.filter(([name]) => cache[name] > 0).map(([name, text]) => (
      <span key={name} className={`tier ${name}`}>
        {cache[name].toLocaleString('en')} {text}
      </span>
    ))}
  </p>
);

function Batch({ loader, keys, statements, cache, slowest }) {
  return (
    <div className="batch">
      <h4>
        {loader} {keys > 0 && <small>{count(keys, 'key')}</small>}
      </h4>
      {cache && <Cache cache={cache} />}
      <table>
        <tbody>
          {(statements ?? []).map(({ shard, rows, ms }, index) => (
            <tr key={index}>
              <th scope="row">shard {shard}</th>
              <td className="bar">
                <meter min="0" max={slowest} value={ms} aria-label="time beside the slowest statement" />
              </td>
              <td>{count(rows, 'row')}</td>
              <td>{ms.toFixed(1)} ms</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export const STATEMENTS_PLUGIN = { title: 'Statements', icon: Icon, content: Pane };

/** One line under the response: what it took, and the way to the pane. */
export function StatementsLine() {
  const { on, report } = useTrace();
  const { setVisiblePlugin } = useGraphiQLActions();
  if (!on || !report?.trace) return null;
  const { waves, statements } = report.trace;
  const shards = new Set((report.trace.batches ?? []).flatMap((batch) => (batch.statements ?? []).map(({ shard }) => shard)));
  return (
    <button type="button" className="statements-line" onClick={() => setVisiblePlugin(STATEMENTS_PLUGIN)}>
      {count(statements, 'statement')} on {count(shards.size, 'shard')} in {count(waves, 'wave')}, {millis(report.roundTrip)}
    </button>
  );
}
