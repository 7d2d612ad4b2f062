import './signin.css';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { signInEndpoint } from './settings.js';

const KEY = 'backline:sign-in';
const OTHER = '…';

/** A token is renewed this much before it ends, in milliseconds. */
const EARLY = 60_000;

/**
 * Who operations are sent as: nobody, or one of the server's people. Only the choice is kept in the
 * browser, never a token; tokens are asked for when they are needed.
 */
function createSession() {
  let state = { people: [], choice: load(), error: null };
  let token = null; // a promise of {token, expires}, for the choice as it is
  const listeners = new Set();
  const set = (change) => {
    state = { ...state, ...change };
    listeners.forEach((listener) => listener());
  };
  const mint = (id) => {
    const minted = call('/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ id }) });
    token = minted;
    minted.then(
      () => token === minted && set({ error: null }),
      (error) => {
        if (token !== minted) return;
        token = null;
        set({ error: error.message });
      },
    );
    return minted;
  };
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async loadPeople() {
      try {
        set({ people: (await call('/people')).people });
      } catch (error) {
        set({ error: error.message });
      }
    },
    choose(choice) {
      if (choice) localStorage.setItem(KEY, JSON.stringify(choice));
      else localStorage.removeItem(KEY);
      token = null;
      set({ choice, error: null });
      if (choice) mint(choice.id).catch(() => undefined); // the error is shown
    },
    /** The headers that say who asks. Without a token they are an error: nobody must be asked for in silence. */
    async headers() {
      const { choice } = state;
      if (!choice) return {};
      let minted = await (token ?? mint(choice.id));
      if (Date.parse(minted.expires) - Date.now() < EARLY) minted = await mint(choice.id);
      return { Authorization: `Bearer ${minted.token}` };
    },
  };
}

function load() {
  try {
    const { id, name } = JSON.parse(localStorage.getItem(KEY));
    return typeof id === 'string' && typeof name === 'string' ? { id, name } : null;
  } catch {
    return null;
  }
}

async function call(path, options) {
  const response = await fetch(signInEndpoint + path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.errors?.[0]?.message ?? `The server answers with ${response.status}.`);
  return body;
}

export const session = createSession();

/** Shows who operations are sent as, and changes it. */
export function SignIn() {
  const { people, choice, error } = useSyncExternalStore(session.subscribe, session.state);
  const [typing, setTyping] = useState(false);
  useEffect(() => void session.loadPeople(), []);

  const listed = people.some(({ id }) => id === choice?.id);
  const choose = ({ target: { value } }) => {
    setTyping(value === OTHER);
    if (value !== OTHER) session.choose(value === '' ? null : people.find(({ id }) => id === value) ?? choice);
  };
  const take = (event) => {
    event.preventDefault();
    const id = new FormData(event.target).get('id').trim();
    if (id) session.choose({ id, name: id });
    setTyping(false);
  };
  const groups = [...new Set(people.map(({ group }) => group))];
  return (
    <div className="sign-in" data-as={choice ? choice.id.split('_')[0] : 'nobody'}>
      <label>
        <span>Signed in as</span>
        <select value={typing ? OTHER : choice?.id ?? ''} onChange={choose} title={error ?? choice?.id ?? 'Operations carry no credential.'}>
          <option value="">Nobody</option>
          {choice && !listed && <option value={choice.id}>{choice.name}</option>}
          {groups.map((group) => (
            <optgroup key={group} label={group}>
              {people
                .filter((person) => person.group === group)
                .map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
            </optgroup>
          ))}
          <option value={OTHER}>Another ID…</option>
        </select>
      </label>
      {typing && (
        <form onSubmit={take}>
          <input
            name="id"
            aria-label="ID to sign in as"
            placeholder="cus_… or emp_…"
            autoFocus
            autoComplete="off"
            spellCheck="false"
            onKeyDown={({ key }) => key === 'Escape' && setTyping(false)}
          />
        </form>
      )}
      {error && <p role="alert">{error}</p>}
    </div>
  );
}
