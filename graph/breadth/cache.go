package breadth

import (
	"container/list"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// maxCachedFields bounds the plans that are kept, by their fields: a field takes about 500 bytes.
	maxCachedFields = 100_000
	// maxVariants bounds the plans kept for one operation, of which there may be as many as its
	// Boolean variables have values.
	maxVariants = 32
)

// cache keeps what was compiled for the operations of cached documents, the most recently used ones.
// An operation has one plan for each vector of the Boolean variables in its @skip and @include
// directives: so no condition is left at run time, and the response keys of every vector are in the
// order that the specification wants.
type cache struct {
	mu     sync.Mutex
	byOp   map[*ast.OperationDefinition]*list.Element // of *compiled
	recent *list.List
	size   int

	prepare  func(s Selected) any // nil: nobody is foretold
	subtrees func(p *Plan)        // nil: none are kept
}

type compiled struct {
	op       *ast.OperationDefinition
	switches []string // variables
	variants map[string]variant
	size     int
}

type variant struct {
	plan *Plan
	err  error
}

func newCache() *cache {
	return &cache{byOp: map[*ast.OperationDefinition]*list.Element{}, recent: list.New()}
}

// plan gives the plan of an operation for these variables.
func (c *cache) plan(tables *Schema, schema *ast.Schema, doc *ast.QueryDocument, op *ast.OperationDefinition, vars map[string]any) (*Plan, error) {
	c.mu.Lock()
	element := c.byOp[op]
	if element == nil {
		c.mu.Unlock()
		names := switches(doc, op)
		c.mu.Lock()
		if element = c.byOp[op]; element == nil {
			element = c.recent.PushFront(&compiled{op: op, switches: names, variants: map[string]variant{}})
			c.byOp[op] = element
		}
	}
	c.recent.MoveToFront(element)
	entry := element.Value.(*compiled)
	var key string
	if len(entry.switches) > 0 {
		bits := make([]byte, len(entry.switches))
		for i, name := range entry.switches {
			on, ok := vars[name].(bool)
			switch {
			case on:
				bits[i] = 1
			case !ok:
				bits[i] = 2
			}
		}
		key = string(bits)
	}
	v, ok := entry.variants[key]
	c.mu.Unlock()
	if ok {
		return v.plan, v.err
	}
	v.plan, v.err = compile(tables, schema, doc, op, vars)
	if v.err == nil && c.prepare != nil {
		v.plan.prepared = c.prepare(v.plan.selected.names())
	}
	if v.err == nil && c.subtrees != nil {
		c.subtrees(v.plan)
	}
	c.keep(entry, key, v)
	return v.plan, v.err
}

func (c *cache) keep(entry *compiled, key string, v variant) {
	size := 100 // the document, at least
	if v.plan != nil {
		size += v.plan.size
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := entry.variants[key]; known || len(entry.variants) >= maxVariants {
		return
	}
	if current := c.byOp[entry.op]; current == nil || current.Value != entry {
		return // it went while the plan was made: what is kept there nobody would ever give up again
	}
	entry.variants[key] = v
	entry.size += size
	c.size += size
	for c.size > maxCachedFields && c.recent.Len() > 1 {
		last := c.recent.Back()
		old := c.recent.Remove(last).(*compiled)
		delete(c.byOp, old.op)
		c.size -= old.size
	}
}

// switches lists the variables that decide about @skip and @include.
func switches(doc *ast.QueryDocument, op *ast.OperationDefinition) []string {
	s := switchFinder{seen: map[string]bool{}}
	s.walk(op.SelectionSet)
	for _, f := range doc.Fragments {
		s.walk(f.SelectionSet)
	}
	return s.names
}

type switchFinder struct {
	names []string
	seen  map[string]bool
}

func (s *switchFinder) walk(set ast.SelectionSet) {
	for _, selection := range set {
		switch sel := selection.(type) {
		case *ast.Field:
			s.directives(sel.Directives)
			s.walk(sel.SelectionSet)
		case *ast.InlineFragment:
			s.directives(sel.Directives)
			s.walk(sel.SelectionSet)
		case *ast.FragmentSpread:
			s.directives(sel.Directives)
		}
	}
}

func (s *switchFinder) directives(list ast.DirectiveList) {
	for _, d := range list {
		if d.Name != "skip" && d.Name != "include" {
			continue
		}
		if a := d.Arguments.ForName("if"); a != nil && a.Value.Kind == ast.Variable && !s.seen[a.Value.Raw] {
			s.seen[a.Value.Raw] = true
			s.names = append(s.names, a.Value.Raw)
		}
	}
}
