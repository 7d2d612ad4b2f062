package telemetry

import (
	"context"
	"errors"
)

// outcome is how a batch or a statement ended.
type outcome int

const (
	outcomeOK outcome = iota
	outcomeError
	outcomeTimeout
	outcomeCancelled
)

func (o outcome) String() string { return [...]string{"ok", "error", "timeout", "cancelled"}[o] }

func outcomeOf(err error) outcome {
	switch {
	case err == nil:
		return outcomeOK
	case errors.Is(err, context.Canceled):
		return outcomeCancelled
	case errors.Is(err, context.DeadlineExceeded):
		return outcomeTimeout
	}
	if coded, ok := errors.AsType[interface {
		error
		Code() string
	}](err); ok && coded.Code() == "TIMEOUT" { // Postgres ended the statement itself
		return outcomeTimeout
	}
	return outcomeError
}
