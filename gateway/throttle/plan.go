package throttle

import (
	"fmt"
	"strconv"
	"strings"
)

// Plan is a budget.
type Plan struct {
	// Name is what a viewer's plan is called: letters, digits, - and _.
	Name string
	// Capacity is the most that a client can have, and what it begins with.
	Capacity Points
	// Restore is what comes back in a second.
	Restore Points

	policy []string // the header field
}

// DefaultPlan is the name of the plan of clients that have none of their own.
const DefaultPlan = "default"

// Bounds of a plan, in whole points. Redis counts thousandths exactly up to 2^53.
const (
	maxCapacity = 1_000_000_000
	maxPlanName = 32
)

// Chunk is how much more an instance takes than it needs: 2 % of the capacity. It is the bound on the
// error of one instance.
func (p *Plan) Chunk() Points { return p.Capacity / 50 }

// Plans are the plans that there are, the default among them.
type Plans struct {
	byName   map[string]*Plan
	standard *Plan
}

// Of is the plan of a name. A name that nobody has configured, and none, is the default plan.
func (p Plans) Of(name string) *Plan {
	if plan, ok := p.byName[name]; ok {
		return plan
	}
	return p.standard
}

// ParsePlans reads NAME=CAPACITY/RESTORE,… in whole points and points per second. The default plan must
// be among them.
func ParsePlans(text string) (Plans, error) {
	plans := Plans{byName: map[string]*Plan{}}
	for part := range strings.SplitSeq(text, ",") {
		plan, err := parsePlan(strings.TrimSpace(part))
		if err != nil {
			return Plans{}, err
		}
		if plans.byName[plan.Name] != nil {
			return Plans{}, fmt.Errorf("the plan %s is there twice", plan.Name)
		}
		plans.byName[plan.Name] = plan
	}
	if plans.standard = plans.byName[DefaultPlan]; plans.standard == nil {
		return Plans{}, fmt.Errorf("the plan %s is missing: it is for clients without a plan", DefaultPlan)
	}
	return plans, nil
}

func parsePlan(text string) (*Plan, error) {
	name, budget, ok := strings.Cut(text, "=")
	capacity, restore, slash := strings.Cut(budget, "/")
	if !ok || !slash || !isPlanName(name) {
		return nil, fmt.Errorf("%q is not NAME=CAPACITY/RESTORE, such as default=10000/500", text)
	}
	plan := &Plan{Name: name}
	for _, field := range []struct {
		what, text string
		points     *Points
	}{{"capacity", capacity, &plan.Capacity}, {"restore", restore, &plan.Restore}} {
		n, err := strconv.ParseInt(field.text, 10, 64)
		if err != nil || n < 1 || n > maxCapacity {
			return nil, fmt.Errorf("the %s of the plan %s is %q: it must be a whole number from 1 to %d", field.what, name, field.text, maxCapacity)
		}
		*field.points = Points(n) * Point
	}
	plan.policy = []string{plan.policyField()}
	return plan, nil
}

func isPlanName(name string) bool {
	if name == "" || len(name) > maxPlanName {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
