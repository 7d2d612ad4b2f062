package main

import (
	"context"
	"log/slog"
	"net/http"

	"backline/gateway/identity"
	"backline/graph/rights"
	"backline/loaders"
	"backline/store"
)

// openIdentity builds what finds out who asks; in development also what hands out tokens.
func (a *app) openIdentity(c Config, log *slog.Logger) (*identity.Authenticator, http.Handler, error) {
	issuers, err := identity.ReadIssuers(c.Auth.Issuers)
	if err != nil {
		return nil, nil, err
	}
	config := identity.Config{Issuers: issuers, KeyFile: c.Auth.Keys, IsNode: isPerson, Log: log}
	var signIn http.Handler
	if c.Env == development {
		// A file system that cannot be written costs the tokens of development, and nothing else.
		if config.Development, err = identity.OpenDevelopmentIssuer(c.DataDir, true); err != nil {
			log.Warn("no tokens for development", "err", err)
		} else {
			signIn = identity.SignIn{Issuer: config.Development, Choices: a.choices, Person: person, Log: log}.Handler()
		}
	}
	authenticator, err := identity.New(config)
	if err != nil {
		return nil, nil, err
	}
	a.closers = append(a.closers, func(context.Context) error { authenticator.Close(); return nil })
	return authenticator, signIn, nil
}

// signInEndpoint is where the Playground asks for tokens, "" if nowhere.
func signInEndpoint(signIn http.Handler) string {
	if signIn == nil {
		return ""
	}
	return "/dev"
}

// isPerson is whether a subject is the id of a customer or an employee.
func isPerson(subject string) bool {
	n, err := store.ParseNodeID(subject)
	return err == nil && (n.Kind == store.KindCustomer || n.Kind == store.KindEmployee)
}

// administrator is the subject of somebody who may do everything and is nobody in the data.
const administrator = "admin"

// person is whom the Playground signs in as.
func person(id string) (identity.Person, error) {
	if id == administrator {
		return identity.Person{Subject: administrator, Scopes: []string{"admin"}}, nil
	}
	n, err := store.ParseNodeID(id)
	switch {
	case err != nil:
		return identity.Person{}, err
	case n.Kind == store.KindCustomer:
		return identity.Person{Subject: id}, nil
	case n.Kind == store.KindEmployee:
		return identity.Person{Subject: id, Scopes: []string{"staff"}}, nil
	}
	return identity.Person{}, store.BadInput("%s is the ID of type %s; customers and employees sign in", n, n.Kind)
}

// choices are people to try: the employees and customers who come first by name. Nobody's rights are
// asked, since whoever may call this may become anybody.
func (a *app) choices(ctx context.Context) ([]identity.Choice, error) {
	first := int32(20)
	page := store.PageArgs{First: &first}
	employees, err := store.Employees.Window(page, store.EmployeeOrderLastName.Order(), nil)
	if err != nil {
		return nil, err
	}
	customers, err := store.Customers.Window(page, store.CustomerOrderLastName.Order(), nil)
	if err != nil {
		return nil, err
	}
	all := rights.With(ctx, &rights.Viewer{Subject: "sign in", Scopes: []string{"admin"}, Via: rights.ViaKey})
	set := loaders.For(loaders.Attach(all, &loaders.Options{Store: a.store}, false))
	staff, err := set.Employees.Load(ctx, employees)
	if err != nil {
		return nil, err
	}
	shoppers, err := set.Customers.Load(ctx, customers)
	if err != nil {
		return nil, err
	}
	list := []identity.Choice{{ID: administrator, Name: "Administrator", Group: "Everything"}}
	for _, c := range shoppers.Nodes {
		list = append(list, identity.Choice{ID: c.NodeID().String(), Name: c.FirstName + " " + c.LastName, Group: "Customers"})
	}
	for _, e := range staff.Nodes {
		name := e.FirstName + " " + e.LastName
		if e.Title != nil {
			name += ", " + *e.Title
		}
		list = append(list, identity.Choice{ID: e.NodeID().String(), Name: name, Group: "Employees"})
	}
	return list, nil
}
