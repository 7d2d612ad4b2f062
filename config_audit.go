package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"backline/gateway/audit"
	"backline/telemetry"
)

// Audit is where it is written down who was denied what, and who read what by a right of their office.
type Audit struct {
	Log string `name:"log" default:"stderr" placeholder:"stderr|off|FILE" help:"Where denials and privileged reads are written: among the other log lines, marked audit=true; nowhere; or to a file as JSON, which is made if need be and only ever appended to."`
}

// Values of Audit.Log that are no file.
const (
	auditStderr = "stderr"
	auditOff    = "off"
)

func (a *Audit) validate() error {
	if a.Log == auditStderr || a.Log == auditOff {
		return nil
	}
	info, err := os.Stat(a.Log)
	_, dirErr := os.Stat(filepath.Dir(a.Log))
	return check(a.Log != "" && dirErr == nil && (err != nil || !info.IsDir()), "audit-log", a.Log, "stderr, off, or a file in a directory that exists")
}

// openAudit starts the audit log.
func (a *app) openAudit(c Audit, tel *telemetry.Telemetry) (*audit.Log, error) {
	switch c.Log {
	case auditOff:
		return audit.New(nil, tel), nil
	case auditStderr:
		return audit.New(tel.AuditLog(nil), tel), nil
	}
	f, err := os.OpenFile(c.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the audit log: %w", err)
	}
	a.closers = append(a.closers, func(context.Context) error { return f.Close() })
	return audit.New(tel.AuditLog(f), tel), nil
}
