/** What the server wrote into the page; vite's own server leaves the template's braces there. */
function setting(name, fallback) {
  const value = document.querySelector(`meta[name="backline:${name}"]`)?.content ?? '';
  return value.startsWith('{{') ? fallback : value;
}

export const endpoint = setting('endpoint', '/graphql');

/** Below it tokens are handed out, in development; empty means that nobody can sign in here. */
export const signInEndpoint = setting('sign-in', '/dev');

/** A path becomes an address of this host, over WebSocket; empty means that there are no subscriptions. */
export const subscriptionUrl = (() => {
  const path = setting('subscriptions', '');
  if (!path) return undefined;
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  return url.href;
})();
