package breadth

import (
	"context"
	"slices"
)

const (
	// maxLed bounds how many fields below one field are told of.
	maxLed = 4
	// maxLedVisits bounds the fields that are looked at for it.
	maxLedVisits = 64
)

// Lead tells loaders where the rows of a field lead to, right before its resolver is called, with the arguments
// of both: so that they may bring the objects of the field below in the same round trip. leads says which
// fields are worth telling of: coordinates are as "Album.tracks", and between the two stand only
// objects that rows hold, such as connections. It is called when a plan is compiled. Nothing is told of
// fields with run-time directives, which might not let their resolvers be called, nor in mutations and
// subscriptions, nor where arguments are wrong. Both resolvers are called as ever.
func Lead(leads func(above, below string) bool, tell func(ctx context.Context, above, below string, ofAbove, ofBelow map[string]any)) Option {
	return func(e *executable) { e.tables.leads, e.lead = leads, tell }
}

// led are the fields below f that are to be told of, found through objects that rows hold.
func (f *FieldPlan) led(leads func(above, below string) bool) []*FieldPlan {
	var all []*FieldPlan
	visits := 0
	var look func(subs []*Selection)
	look = func(subs []*Selection) {
		for _, s := range subs {
			for _, below := range s.deep {
				visits++
				switch {
				case len(all) == maxLed || visits > maxLedVisits:
					return
				case below.def.Around != nil:
				case !below.def.Wave:
					look(below.subs)
				case leads(f.coordinate, below.coordinate) && !slices.Contains(all, below):
					all = append(all, below)
				}
			}
		}
	}
	look(f.subs)
	return all
}

// lead tells where the rows of the call's field lead to.
func (c *Call) lead() {
	for _, below := range c.plan.leads {
		args := below.args
		if !below.fixed {
			var err error
			if args, err = coerceArgumentValues(c.in.ctx, below, c.in.oc.Variables); err != nil {
				continue
			}
		}
		c.in.lead(c.ctx, c.plan.coordinate, below.coordinate, c.Args, args)
	}
}
