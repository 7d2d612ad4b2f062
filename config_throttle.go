package main

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"backline/gateway"
	"backline/gateway/throttle"
)

// Throttling is what one client may spend.
type Throttling struct {
	Throttle       string `name:"throttle" default:"on" placeholder:"on|off" help:"Give each client a budget of points, which operations spend by their price. Code: THROTTLED."`
	Plans          string `name:"plans" placeholder:"NAME=CAPACITY/RESTORE,..." help:"The budgets: the points that a client has at most, and those that come back each second. The plan default is for everybody whom no token or key gives another. Default: default=10000/500 in production; in development default=1000000/1000000, which stops nothing but a loop that has run wild."`
	Instances      int    `name:"instances" default:"1" placeholder:"N" help:"How many instances share the traffic. Each gives that part of a budget while Redis does not answer."`
	TrustedProxies int    `name:"trusted-proxies" default:"0" placeholder:"N" help:"How many proxies in front append to X-Forwarded-For. A client that is known by nothing better is the address before them; with 0 it is the address that connects."`
	ClientSession  string `name:"client-session" placeholder:"cookie:NAME|header:NAME" help:"What names the session of a client without a token or key, where something in front has verified it: whoever can make up sessions has as many budgets. Default: none."`
}

// Overload is how much the server does at a time.
type Overload struct {
	MaxConcurrency string `name:"max-concurrency" default:"auto" placeholder:"auto|N" help:"How many operations run at a time. auto is 16 for each processor and one for each connection to a shard; 0 means no bound. Code: OVERLOADED."`
	MaxQueue       string `name:"max-queue" default:"auto" placeholder:"auto|N" help:"How many more wait for one of them to end, 80 ms at most; auto is four times as many."`
}

const (
	plansInProduction  = "default=10000/500"
	plansInDevelopment = "default=1000000/1000000"
)

func (t *Throttling) validate() error {
	errs := []error{
		oneOf("throttle", t.Throttle, "on", "off"),
		check(1 <= t.Instances && t.Instances <= 10_000, "instances", t.Instances, "from 1 to 10000"),
		check(0 <= t.TrustedProxies && t.TrustedProxies <= 100, "trusted-proxies", t.TrustedProxies, "from 0 to 100"),
	}
	if t.Plans != "" {
		if _, err := throttle.ParsePlans(t.Plans); err != nil {
			errs = append(errs, fmt.Errorf("--plans (%s): %w", variable("plans"), err))
		}
	}
	kind, name, _ := strings.Cut(t.ClientSession, ":")
	errs = append(errs, check(t.ClientSession == "" || (kind == "cookie" || kind == "header") && name != "" && isToken(name),
		"client-session", t.ClientSession, "cookie:NAME or header:NAME"))
	return errors.Join(errs...)
}

// plans are the budgets that are configured, or those of the environment.
func (t *Throttling) plans(env string) (throttle.Plans, error) {
	switch {
	case t.Plans != "":
		return throttle.ParsePlans(t.Plans)
	case env == production:
		return throttle.ParsePlans(plansInProduction)
	default:
		return throttle.ParsePlans(plansInDevelopment)
	}
}

// session is where the name of a session stands.
func (t *Throttling) session() (cookie, header string) {
	switch kind, name, _ := strings.Cut(t.ClientSession, ":"); kind {
	case "cookie":
		return name, ""
	case "header":
		return "", name
	}
	return "", ""
}

func (o *Overload) validate() error {
	return errors.Join(count("max-concurrency", o.MaxConcurrency), count("max-queue", o.MaxQueue))
}

const automatic = "auto"

// count checks a number that may be left to the server.
func count(flag, value string) error {
	_, err := strconv.ParseUint(value, 10, 20)
	return check(err == nil || value == automatic, flag, value, "auto, or a whole number up to 1048575")
}

// gateway is what the gateway wants, with as many connections to all shards.
func (o *Overload) gateway(connections int) gateway.Load {
	orAutomatic := func(value string, otherwise int) int {
		n, err := strconv.Atoi(value)
		if err != nil { // Validate has seen that it is auto
			return otherwise
		}
		return n
	}
	l := gateway.Load{Concurrency: orAutomatic(o.MaxConcurrency, 16*runtime.GOMAXPROCS(0)+connections)}
	l.Queue = orAutomatic(o.MaxQueue, 4*l.Concurrency)
	return l
}
