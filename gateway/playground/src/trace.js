import { useSyncExternalStore } from 'react';

const KEY = 'backline:trace';

/**
 * The statements of the last response, and whether they are asked for.
 * report is null before the first response; its trace is null where the server
 * sent none.
 */
function createTrace() {
  let state = { on: localStorage.getItem(KEY) !== 'off', report: null };
  const listeners = new Set();
  const set = (change) => {
    state = { ...state, ...change };
    listeners.forEach((listener) => listener());
  };
  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    turn(on) {
      localStorage.setItem(KEY, on ? 'on' : 'off');
      set({ on, report: on ? state.report : null });
    },
    report: (operation, trace, roundTrip) => set({ report: { operation, trace, roundTrip } }),
  };
}

export const trace = createTrace();

export const useTrace = () => useSyncExternalStore(trace.subscribe, trace.state);
