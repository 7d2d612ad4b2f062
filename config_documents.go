package main

import (
	"errors"
	"os"

	"github.com/redis/go-redis/v9"

	"backline/gateway"
	"backline/gateway/persisted"
)

// Documents are the persisted operations.
type Documents struct {
	File         string `name:"documents" placeholder:"FILE" help:"A manifest of the documents that clients may name by their ids: Apollo's, Relay's, or any {\"id\": \"text\"}. It is read again when it changes."`
	Mode         string `name:"documents-mode" default:"open" placeholder:"open|prefer|only" help:"What else may run: everything; everything, but it is counted and logged; nothing."`
	AllowInvalid bool   `name:"documents-allow-invalid" help:"Leave invalid documents of the manifest out, instead of refusing the manifest."`
	ExceedLimits bool   `name:"documents-exceed-limits" help:"Let documents of the manifest be longer, deeper and wider than others may be."`
	Automatic    bool   `name:"documents-automatic" default:"true" negatable:"" help:"Keep documents that clients send with their hash, in memory and in Redis, so that the hash is enough from then on (automatic persisted queries). There are none in the mode only."`
}

func (d *Documents) validate() error {
	mode := persisted.Mode(d.Mode)
	errs := []error{
		oneOf("documents-mode", d.Mode, string(persisted.Open), string(persisted.Prefer), string(persisted.Only)),
		check(d.File != "" || mode == persisted.Open, "documents-mode", d.Mode, "open where there is no manifest: name one with --documents ("+variable("documents")+")"),
		check(d.File != "" || !d.AllowInvalid, "documents-allow-invalid", true, "left out where --documents names no manifest"),
		check(d.File != "" || !d.ExceedLimits, "documents-exceed-limits", true, "left out where --documents names no manifest"),
	}
	if d.File != "" {
		info, err := os.Stat(d.File)
		errs = append(errs, check(err == nil && !info.IsDir(), "documents", d.File, "a file, and there is no such file"))
	}
	return errors.Join(errs...)
}

// gateway are the settings as the gateway takes them.
func (d *Documents) gateway(r redis.UniversalClient) gateway.Documents {
	return gateway.Documents{
		Config: persisted.Config{
			File: d.File, Mode: persisted.Mode(d.Mode), AllowInvalid: d.AllowInvalid, Automatic: d.Automatic, Redis: r,
		},
		ExceedLimits: d.ExceedLimits,
	}
}
