package gateway

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"backline/graph/breadth"
)

// Data goes out as it stands, whether it lies in the pooled buffer or elsewhere, and whatever goes
// with it.
func TestWriteResponse(t *testing.T) {
	t.Parallel()
	data := `{"a":"<&>\u2028"}` // an encoder would rewrite it
	errs := gqlerror.List{{Message: "no", Extensions: map[string]any{"code": CodeNotFound}}}
	ext := map[string]any{"backline": map[string]any{"waves": 1}}
	for name, c := range map[string]struct {
		resp graphql.Response
		want string
	}{
		"data":   {graphql.Response{}, `{"data":` + data + `}`},
		"errors": {graphql.Response{Errors: errs}, `{"errors":[{"message":"no","extensions":{"code":"NOT_FOUND"}}],"data":` + data + `}`},
		"all":    {graphql.Response{Errors: errs, Extensions: ext}, `{"errors":[{"message":"no","extensions":{"code":"NOT_FOUND"}}],"data":` + data + `,"extensions":{"backline":{"waves":1}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inPlace, elsewhere := breadth.GetBuffer(), breadth.GetBuffer()
			inPlace.B = append(append(inPlace.B[:0], breadth.Prefix...), data...)
			for i, buf := range []*breadth.Buffer{inPlace, elsewhere} {
				resp := c.resp
				resp.Data = json.RawMessage(data)
				if i == 0 {
					resp.Data = buf.B[len(breadth.Prefix):]
				}
				w := httptest.NewRecorder()
				writeResponse(w, mediaJSON, &resp, buf, Limits{}.withDefaults(), keepers{})
				if w.Body.String() != c.want || w.Code != 200 {
					t.Errorf("got %d %s, want %s", w.Code, w.Body.String(), c.want)
				}
			}
		})
	}
}
