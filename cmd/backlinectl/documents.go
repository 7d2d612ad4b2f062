package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"backline/gateway"
	"backline/gateway/limit"
	"backline/gateway/persisted"
	"backline/graph/cost"
)

type documentsCommand struct {
	Check documentsCheck `cmd:"" help:"Validate and price the documents of a manifest."`
}

// documentsCheck is `backlinectl documents check`.
type documentsCheck struct {
	Manifest     string     `arg:"" placeholder:"MANIFEST" help:"The manifest: Apollo's, Relay's, or any {\"id\": \"text\"}."`
	Schema       schemaFlag `embed:""`
	MaxCost      int64      `name:"max-cost" default:"1000" placeholder:"POINTS" help:"What an operation may cost; 0 is no maximum. Default: ${default}, as the server's."`
	ExceedLimits bool       `name:"exceed-limits" help:"For a server with --documents-exceed-limits: documents may be longer, deeper and wider than others."`
	JSON         bool       `name:"json" help:"Write JSON instead of a table."`
}

// Help is what `--help` adds.
func (*documentsCheck) Help() string {
	return `A price is what an operation costs at most. If variables decide, it has two parts: with the smallest pages and the shortest lists, and with the largest that the server's limits allow.

It ends with 1 if a document is invalid, or too expensive whatever its variables are.

Examples:

  backlinectl documents check manifest.json
  backlinectl documents check persisted_queries.json --schema schema --max-cost 500
  backlinectl documents check manifest.json --json | jq '.[] | select(.verdict != "ok")'`
}

// Validate refuses what no document could keep to.
func (d *documentsCheck) Validate() error {
	if d.MaxCost < 0 {
		return errors.New("--max-cost must be 0, which is no maximum, or more")
	}
	return nil
}

// Verdicts.
const (
	verdictOK        = "ok"
	verdictDepends   = "may be too expensive" // it depends on the variables
	verdictExpensive = "too expensive"
	verdictInvalid   = "invalid"
)

// verdict is what is found out about a document.
type verdict struct {
	ID         string            `json:"id"`
	Name       string            `json:"name,omitempty"`
	Verdict    string            `json:"verdict"`
	Problem    string            `json:"problem,omitempty"`
	Operations []pricedOperation `json:"operations,omitempty"`
}

// pricedOperation is what an operation may cost, in points.
type pricedOperation struct {
	Name  string `json:"name,omitempty"`
	Kind  string `json:"kind"`
	Least int64  `json:"least"`
	Most  int64  `json:"most"`
}

// Run checks all documents and prints what was found.
func (d *documentsCheck) Run(c *console) error {
	schema, err := d.Schema.load()
	if err != nil {
		return err
	}
	limits := limit.Limits{}.WithDefaults()
	if d.ExceedLimits {
		limits = limits.OfValues()
	}
	inspector, err := gateway.NewInspector(schema, limits)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(d.Manifest)
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	entries, err := persisted.ReadManifest(data)
	if err != nil {
		return fmt.Errorf("read %s: %w", d.Manifest, err)
	}
	verdicts := make([]verdict, len(entries))
	bad := 0
	for i, e := range entries {
		if c.ctx.Err() != nil {
			return fmt.Errorf("stopped after %d of %d documents", i, len(entries))
		}
		verdicts[i] = d.judge(inspector, e)
		if verdicts[i].Verdict == verdictInvalid || verdicts[i].Verdict == verdictExpensive {
			bad++
		}
		if done := i + 1; done%progressEvery == 0 && done < len(entries) {
			fmt.Fprintf(c.err, "%d of %d documents\n", done, len(entries))
		}
	}
	if err := d.print(c.out, verdicts); err != nil {
		return fmt.Errorf("print what was found: %w", err)
	}
	if bad > 0 {
		fmt.Fprintf(c.err, "%d of %d documents cannot run\n", bad, len(entries))
		return errFound
	}
	return nil
}

// progressEvery is how many documents there are between two lines that say how far it is.
const progressEvery = 500

func (d *documentsCheck) judge(inspector *gateway.Inspector, e persisted.Entry) verdict {
	v := verdict{ID: e.ID, Name: e.Name, Verdict: verdictOK}
	operations, err := inspector.Inspect(e.Text)
	if err != nil {
		v.Verdict, v.Problem = verdictInvalid, err.Error()
		return v
	}
	var names []string
	maximum := cost.Points(d.MaxCost) * cost.Point
	for _, op := range operations {
		names = append(names, op.Name)
		v.Operations = append(v.Operations, pricedOperation{op.Name, op.Kind, op.Least.Whole(), op.Most.Whole()})
		switch {
		case d.MaxCost == 0:
		case op.Least > maximum:
			v.Verdict = verdictExpensive
		case op.Most > maximum && v.Verdict == verdictOK:
			v.Verdict = verdictDepends
		}
	}
	if v.Name == "" {
		v.Name = strings.Join(names, ", ")
	}
	return v
}

func (d *documentsCheck) print(out io.Writer, verdicts []verdict) error {
	if d.JSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(verdicts)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tPRICE\tVERDICT")
	for _, v := range verdicts {
		text := v.Verdict
		if v.Problem != "" {
			text += ": " + v.Problem
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", v.ID, v.Name, prices(v.Operations), text)
	}
	return table.Flush()
}

// prices writes what the operations of a document may cost.
func prices(operations []pricedOperation) string {
	texts := make([]string, len(operations))
	for i, op := range operations {
		texts[i] = fmt.Sprint(op.Most)
		if op.Least != op.Most {
			texts[i] = fmt.Sprintf("%d to %d", op.Least, op.Most)
		}
	}
	return strings.Join(texts, ", ")
}
