package main

import "backline/test/fleet"

// withoutLeases makes a server that fills Redis with whatever it has loaded, whoever has invalidated it
// meanwhile: what a cache does that has only GET, SET and DEL.
var withoutLeases = fleet.Edit{
	File: "loaders/fieldcache/scripts.go",
	Old: `  if not v then
    out[i] = 0
  elseif value == '' then`,
	New: `  if value ~= '' then
    redis.call('SET', key, value, 'PX', ARGV[3 * i])
    out[i] = 1
  elseif not v then
    out[i] = 0
  elseif value == '' then`,
}
