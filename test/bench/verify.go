package main

import (
	"bytes"
	"fmt"

	"backline/test/bench/answer"
	"backline/test/bench/query"
)

// verify asks every server that is asked the question the same and compares the answers. The limit's must
// be Backline's, byte for byte.
func (b *bench) verify(q query.Query) error {
	if q == query.Twice {
		return nil
	}
	var first, exact [][]byte
	var firstName, exactName string
	for _, r := range b.servers {
		if !r.asks(q) {
			continue
		}
		j, err := b.job(r, q, 4)
		if err != nil {
			return err
		}
		j.Requests, j.KeepAnswers = b.verified, true
		result, err := b.load.Run(j)
		if err != nil {
			return fmt.Errorf("ask %s %s: %w", r.name, q.ID, err)
		}
		for i, raw := range result.Answers {
			canonical, err := answer.Canonical(raw)
			if err != nil {
				return fmt.Errorf("ask %s %s: %w", r.name, q.ID, err)
			}
			if firstName == "" || firstName == r.name {
				firstName, first = r.name, append(first, canonical)
				if len(canonical) < 40 {
					return fmt.Errorf("ask %s %s: an empty answer: %s", r.name, q.ID, raw)
				}
			} else if d := answer.Difference(canonical, first[i]); d != "" {
				return fmt.Errorf("%s answers %s number %d otherwise than %s: %s", r.name, q.ID, i, firstName, d)
			}
			if r.name != "limit" && r.dialect != query.Backline {
				continue
			}
			if exactName == "" || exactName == r.name {
				exactName, exact = r.name, append(exact, raw)
			} else if !bytes.Equal(raw, exact[i]) {
				return fmt.Errorf("%s answers %s number %d with other bytes than %s: %s", r.name, q.ID, i, exactName, answer.Difference(raw, exact[i]))
			}
		}
	}
	return nil
}
