package abuse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"backline/gateway"
	"backline/gateway/identity"
	"backline/store"
	"backline/store/shard"
	"backline/store/storetest"
)

// shop is a server with two customers, each with an invoice of one line. All that is written in the
// rows of the second is a secret. Tokens are real ones.
type shop struct {
	*target
	issuer *identity.DevelopmentIssuer
	ids    map[string]string // "customer 1", "invoice 2", "line 2", "employee 1"
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{ids: map[string]string{}}
	c := storetest.NewCluster(t, 1)
	employee := store.NodeID{Kind: store.KindEmployee, ID: 1 << 22}
	s.ids["employee 1"] = employee.String()
	sql := fmt.Sprintf("INSERT INTO employee (id, first_name, last_name) VALUES (%d, 'Eve', 'Adams');", employee.ID)
	for n, word := range []string{"own", secret} {
		id, err := shard.Imported(int64(n)+1, shard.BucketOf(int64(n)+1))
		if err != nil {
			t.Fatal(err)
		}
		for what, kind := range map[string]store.Kind{"customer": store.KindCustomer, "invoice": store.KindInvoice, "line": store.KindInvoiceLine} {
			s.ids[fmt.Sprint(what, " ", n+1)] = store.NodeID{Kind: kind, ID: id}.String()
		}
		sql += fmt.Sprintf("INSERT INTO customer (id, bucket, first_name, last_name, email, support_rep_id) VALUES (%[1]d, %[2]d, '%[3]s', '%[3]s', '%[3]s', %[4]d);"+
			"INSERT INTO invoice (id, bucket, invoice_date, billing_city, total, customer_id) VALUES (%[1]d, %[2]d, now(), '%[3]s', %[5]d, %[1]d);"+
			"INSERT INTO invoice_line (id, bucket, unit_price, quantity, invoice_id, track_id) VALUES (%[1]d, %[2]d, %[5]d, 1, %[1]d, %[1]d);",
			id, id.Bucket(), word, employee.ID, 4711+n)
	}
	c.ExecOn(t, 0, sql)
	var err error
	if s.issuer, err = identity.OpenDevelopmentIssuer(t.TempDir(), true); err != nil {
		t.Fatal(err)
	}
	authenticator, err := identity.New(identity.Config{
		Development: s.issuer,
		IsNode:      func(subject string) bool { _, err := store.ParseNodeID(subject); return err == nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(authenticator.Close)
	s.target = serve(t, c, func(c *gateway.Config, _ *http.Server) { c.Identity = authenticator })
	return s
}

// token is that of a person: "customer 1", "employee 1 staff"; "" is nobody's.
func (s *shop) token(t *testing.T, who string) []string {
	t.Helper()
	words := strings.Fields(who)
	if len(words) == 0 {
		return nil
	}
	p := identity.Person{Subject: words[0], Scopes: words[1:]}
	if len(words) > 1 && s.ids[words[0]+" "+words[1]] != "" {
		p = identity.Person{Subject: s.ids[words[0]+" "+words[1]], Scopes: words[2:]}
	}
	token, err := s.issuer.Mint(p, time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"Authorization: Bearer " + token}
}

// fill puts ids in the place of <customer 1>.
func (s *shop) fill(text string) string {
	for name, id := range s.ids {
		text = strings.ReplaceAll(text, "<"+name+">", `"`+id+`"`)
	}
	return text
}

// TestReadingWhatIsSomebodyElses tries to read the rows of the second customer.
func TestReadingWhatIsSomebodyElses(t *testing.T) { //nolint:paralleltest // others here measure the process
	s := openShop(t)
	for name, c := range map[string]struct { //nolint:paralleltest // as above
		who, query, code, data string
	}{
		"by id":                       {"customer 1", `{customer(id:<customer 2>){email}}`, "", `{"customer":null}`},
		"by node":                     {"customer 1", `{node(id:<customer 2>){id}}`, "", `{"node":null}`},
		"by the interface":            {"customer 1", `{node(id:<customer 2>){... on Node{id __typename}}}`, "", `{"node":null}`},
		"by nodes, beside one's own":  {"customer 1", `{nodes(ids:[<customer 2>,<customer 1>,<invoice 2>]){... on Customer{email} ... on Invoice{total}}}`, "", `{"nodes":[null,{"email":"own"},null]}`},
		"by aliases":                  {"customer 1", `{a:customer(id:<customer 2>){email} b:customer(id:<customer 1>){email} c:node(id:<customer 2>){... on Customer{email}}}`, "", `{"a":null,"b":{"email":"own"},"c":null}`},
		"by a fragment":               {"customer 1", `{node(id:<invoice 2>){...I}} fragment I on Invoice{billingCity customer{...C}} fragment C on Customer{email}`, "", `{"node":null}`},
		"an invoice":                  {"customer 1", `{invoice(id:<invoice 2>){billingCity customer{email}}}`, "", `{"invoice":null}`},
		"a line, and up from there":   {"customer 1", `{node(id:<line 2>){... on InvoiceLine{unitPrice invoice{customer{email}}}}}`, "", `{"node":null}`},
		"by a variable, in a default": {"customer 1", `query($id:ID!=<customer 2>){customer(id:$id){email}}`, "", `{"customer":null}`},
		"under a condition":           {"customer 1", `query($y:Boolean=true){customer(id:<customer 2>) @include(if:$y){... @skip(if:false){email}}}`, "", `{"customer":null}`},
		"in a list":                   {"customer 1", `{customers{totalCount nodes{email} pageInfo{hasNextPage}}}`, "", `{"customers":{"totalCount":1,"nodes":[{"email":"own"}],"pageInfo":{"hasNextPage":false}}}`},
		"in a list from its end":      {"customer 1", `{customers(last:2,orderBy:LAST_NAME_DESC){edges{node{email}}}}`, "", `{"customers":{"edges":[{"node":{"email":"own"}}]}}`},
		"by a filter":                 {"customer 1", `{customers(filter:{lastNameStartsWith:"s3"}){totalCount nodes{id}}}`, "", `{"customers":{"totalCount":0,"nodes":[]}}`},
		"by who looks after both": {"customer 1", `{viewer{customer{supportRep{customers{nodes{email}}}}}}`,
			"FORBIDDEN", `{"viewer":{"customer":{"supportRep":{"customers":null}}}}`},
		"as an employee without the scope": {"employee 1", `{customer(id:<customer 2>){email} customers{totalCount}}`, "", `{"customer":null,"customers":{"totalCount":0}}`},
		"with a scope and no row":          {"reports staff", `{customer(id:<customer 2>){email} customers{totalCount}}`, "", `{"customer":null,"customers":{"totalCount":0}}`},
		"as a customer who calls it staff": {"customer 1 staff", `{customer(id:<customer 2>){email} customers{totalCount}}`, "", `{"customer":null,"customers":{"totalCount":1}}`},
		"with a scope that looks alike":    {"customer 1 Admin admins", `{customer(id:<customer 2>){email}}`, "", `{"customer":null}`},
		"as nobody":                        {"", `{customer(id:<customer 2>){email} node(id:<line 2>){id}}`, "", `{"customer":null,"node":null}`},
		"a list as nobody":                 {"", `{customers{totalCount}}`, "UNAUTHENTICATED", `{"customers":null}`},
		"employees as nobody":              {"", `{employee(id:<employee 1>){lastName}}`, "UNAUTHENTICATED", `{"employee":null}`},
		"employees by node as nobody":      {"", `{node(id:<employee 1>){id}}`, "UNAUTHENTICATED", `{"node":null}`},
		"employees as a customer":          {"customer 1", `{employees{totalCount}}`, "FORBIDDEN", `{"employees":null}`},
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // as above
			body := `{"query":` + quote(s.fill(c.query)) + `}`
			got := s.send(t, post(s.token(t, c.who), body))
			if got.status != http.StatusOK || len(got.body) > maxBytes || strings.Contains(string(got.body), secret) {
				t.Errorf("status %d, %d bytes: %s", got.status, len(got.body), got.body)
			}
			if data, code := dataAndCode(t, got.body); data != c.data || code != c.code {
				t.Errorf("it gets %s with the code %q, not %s with %q", data, code, c.data, c.code)
			}
		})
	}
}

// TestOwnersReadThem: the rows are there, for those who may see them.
func TestOwnersReadThem(t *testing.T) { //nolint:paralleltest // as above
	s := openShop(t)
	query := `{"query":` + quote(s.fill(`{customer(id:<customer 2>){email} node(id:<line 2>){... on InvoiceLine{invoice{customer{email}}}}}`)) + `}`
	for _, who := range []string{"customer 2", "employee 1 staff", "somebody admin"} {
		if got := s.send(t, post(s.token(t, who), query)); strings.Count(string(got.body), secret) != 2 {
			t.Errorf("%s gets %d %s", who, got.status, got.body)
		}
	}
}

// dataAndCode gives the data of an answer, and the code of its first error.
func dataAndCode(t *testing.T, body []byte) (data, code string) {
	t.Helper()
	var a struct {
		Data   json.RawMessage
		Errors []struct{ Extensions struct{ Code string } }
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Errors) > 0 {
		code = a.Errors[0].Extensions.Code
	}
	return string(a.Data), code
}
