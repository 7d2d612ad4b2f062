package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"backline/gateway/identity"
	"backline/store"
)

// tokenCommand is `backlinectl token`.
type tokenCommand struct {
	Customer string        `name:"customer" placeholder:"cus_…" xor:"who" help:"The customer that it stands for."`
	Staff    string        `name:"staff" placeholder:"emp_…" xor:"who" help:"The employee that it stands for, with the scope staff."`
	Admin    bool          `name:"admin" help:"Add the scope admin. Alone: an administrator who is nobody in the data."`
	Plan     string        `name:"plan" placeholder:"NAME" help:"The throttling plan."`
	Expires  time.Duration `name:"expires" default:"1h" placeholder:"DURATION" help:"How long it is good, up to 720h. Default: 1h."`
	DataDir  string        `name:"data-dir" default:".backline" env:"BACKLINE_DATA_DIR" placeholder:"DIR" help:"The server's data directory, which holds the key. Default: .backline."`
}

// Help is what `--help` adds.
func (*tokenCommand) Help() string {
	return `The token is all that is written to the standard output. A server in production refuses it.

Examples:

  backlinectl token --customer cus_15qjg00rk
  backlinectl token --staff emp_1w0000j0 --admin --expires 8h

To find IDs, ask as an administrator:

  curl -s http://127.0.0.1:8080/graphql -H 'Content-Type: application/json' \
    -H "Authorization: Bearer $(backlinectl token --admin)" \
    -d '{"query":"{ customers(first: 5) { nodes { id firstName lastName } } employees { nodes { id title } } }"}'`
}

// Run prints a token.
func (t *tokenCommand) Run(c *console) error {
	person, err := t.person()
	if err != nil {
		return err
	}
	issuer, err := identity.OpenDevelopmentIssuer(t.DataDir, false)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no key in %s: start the server in development once, or name its data directory with --data-dir", t.DataDir)
	}
	if err != nil {
		return err
	}
	now := time.Now()
	token, err := issuer.Mint(person, now, t.Expires)
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, token)
	fmt.Fprintf(c.err, "%s, scopes %v, until %s\n", person.Subject, person.Scopes, now.Add(t.Expires).Format(time.DateTime))
	return nil
}

// person is whom the flags name.
func (t *tokenCommand) person() (identity.Person, error) {
	p := identity.Person{Plan: t.Plan}
	var err error
	switch {
	case t.Customer != "":
		p.Subject, err = t.Customer, isOf(store.KindCustomer, "--customer", t.Customer)
	case t.Staff != "":
		p.Subject, err = t.Staff, isOf(store.KindEmployee, "--staff", t.Staff)
		p.Scopes = []string{"staff"}
	case t.Admin:
		p.Subject = "admin"
	default:
		return p, errors.New("whose token is it? Say --customer cus_…, --staff emp_… or --admin; --help tells how to find IDs")
	}
	if t.Admin {
		p.Scopes = append([]string{"admin"}, p.Scopes...)
	}
	return p, err
}

// isOf is an error if a text is not the ID of a row of this kind.
func isOf(kind store.Kind, flag, text string) error {
	n, err := store.ParseNodeID(text)
	if err == nil {
		_, err = n.As(kind)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}
