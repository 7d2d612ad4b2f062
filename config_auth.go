package main

import (
	"errors"
	"fmt"

	"backline/gateway/identity"
)

// Auth is whose credentials are accepted.
type Auth struct {
	Issuers string `name:"issuers" placeholder:"FILE|JSON" help:"Whose tokens (JWTs) are accepted: a JSON list, or the path of a file with one, of {\"issuer\", \"audience\", \"algorithms\", \"jwks\"}. Default: nobody's, and in development those of backlinectl token."`
	Keys    string `name:"keys" placeholder:"FILE" help:"The API keys that are accepted, in JSON Lines as backlinectl key new prints them. The file is read again when it changes. Default: none."`
}

func (a *Auth) validate() error {
	var errs []error
	if _, err := identity.ReadIssuers(a.Issuers); err != nil {
		errs = append(errs, fmt.Errorf("--auth-issuers (%s): %w", variable("auth-issuers"), err))
	}
	if a.Keys != "" {
		if err := identity.CheckKeyFile(a.Keys); err != nil {
			errs = append(errs, fmt.Errorf("--auth-keys (%s): %w", variable("auth-keys"), err))
		}
	}
	return errors.Join(errs...)
}
