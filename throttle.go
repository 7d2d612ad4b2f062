package main

import (
	"log/slog"

	"backline/gateway"
	"backline/gateway/throttle"
	"backline/telemetry"
)

// openThrottle makes the budgets of clients, unless they are off.
func (a *app) openThrottle(c Config, log *slog.Logger) (gateway.Throttle, error) {
	if c.Throttle == "off" {
		return gateway.Throttle{}, nil
	}
	plans, err := c.Throttling.plans(c.Env)
	if err != nil {
		return gateway.Throttle{}, err
	}
	limiter, err := throttle.New(throttle.Options{Plans: plans, Redis: a.redis, Instances: c.Instances, Log: log})
	if err != nil {
		return gateway.Throttle{}, err
	}
	a.closers = append(a.closers, limiter.Close)
	a.limiter = limiter
	cookie, header := c.session()
	return gateway.Throttle{Limiter: limiter, Proxies: c.TrustedProxies, SessionCookie: cookie, SessionHeader: header}, nil
}

// load is how much there is to do, for the metrics.
func (a *app) load() telemetry.Load {
	doing := a.gateway.Load()
	return telemetry.Load{Running: doing.Running, Waiting: doing.Waiting, Alone: a.limiter != nil && a.limiter.Away()}
}

// connections is how many there may be to all shards.
func (a *app) connections() int {
	n := 0
	for _, p := range a.store.Pools() {
		n += int(p.Config().MaxConns)
	}
	return n
}
