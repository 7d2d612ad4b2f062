package feed

import (
	"testing"

	"backline/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }
