// PostGraphile asks for Node 22, of which it uses this one function; Node 20 lacks it.

Promise.withResolvers ??= function withResolvers () {
  let resolve, reject
  const promise = new this((...both) => { [resolve, reject] = both })
  return { promise, resolve, reject }
}
