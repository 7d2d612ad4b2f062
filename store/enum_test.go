package store_test

import (
	"strings"
	"testing"

	"backline/store"
)

func TestOrderEnum(t *testing.T) {
	t.Parallel()
	var o store.TrackOrder
	for _, want := range []store.TrackOrder{store.TrackOrderID, store.TrackOrderNameDesc, store.TrackOrderLength} {
		b := strings.Builder{}
		want.MarshalGQL(&b)
		if b.String() != `"`+want.Order().Name+`"` {
			t.Errorf("%d is written as %s", want, b.String())
		}
		if err := o.UnmarshalGQL(want.Order().Name); err != nil || o != want {
			t.Errorf("%s reads as %d, %v", want.Order().Name, o, err)
		}
	}
	for _, v := range []any{"NO_SUCH", "id", "", 1, nil, strings.Repeat("LONG", 1000)} {
		err := o.UnmarshalGQL(v)
		wantCode(t, err, store.CodeBadUserInput, "is no value of TrackOrder; use one of ID, NAME, NAME_DESC")
		if err != nil && len(err.Error()) > 250 {
			t.Errorf("a message of %d bytes", len(err.Error()))
		}
	}
	if o != store.TrackOrderLength {
		t.Error("an error changed the value")
	}
}

func TestErrorsForClients(t *testing.T) {
	t.Parallel()
	err := store.NotFound("there is no %s", "such thing")
	wantCode(t, err, store.CodeNotFound, "there is no such thing")
	if err.SafeMessage() != err.Error() {
		t.Errorf("clients read %q", err.SafeMessage())
	}
}
