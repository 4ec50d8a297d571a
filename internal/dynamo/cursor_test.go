package dynamo

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// inShard gives an account's id that falls into that shard.
func inShard(t *testing.T, shard int) string {
	t.Helper()
	for i := range 1000 {
		if id := string(payment.PaymentAccount(fmt.Sprint(i))); shardOf(id) == shard {
			return id
		}
	}
	t.Fatalf("no account falls into shard %d", shard)
	return ""
}

func TestCursorSurvivesItsText(t *testing.T) {
	t.Parallel()
	due := sortable(time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC))
	want := positions{{Due: due, ID: inShard(t, 0)}, {}, {End: true}, {Due: due, ID: inShard(t, 3)}}
	got, err := decodeCursor(want.encode())
	if err != nil || got != want {
		t.Errorf("decodeCursor = %+v, %v; want %+v", got, err, want)
	}
	if got, err := decodeCursor(""); err != nil || got != (positions{}) {
		t.Errorf("the start: %+v, %v", got, err)
	}
	if text := (positions{{End: true}, {End: true}, {End: true}, {End: true}}).encode(); text != "" {
		t.Errorf("the end: %q", text)
	}
}

func TestForgedCursorsAreRefused(t *testing.T) {
	t.Parallel()
	due := sortable(time.Date(2031, 1, 2, 3, 4, 5, 6, time.UTC))
	id := inShard(t, 0)
	for name, p := range map[string]position{
		"another shard's account":   {Due: due, ID: inShard(t, 1)},
		"no account":                {Due: due},
		"no time":                   {ID: id},
		"a time without nanos":      {Due: "2031-01-02T03:04:05Z", ID: id},
		"a day that does not exist": {Due: "2031-02-30T03:04:05.000000006Z", ID: id},
		"a position at the end":     {Due: due, ID: id, End: true},
		"a very long id":            {Due: due, ID: id + strings.Repeat("1", maxID)},
	} {
		if _, err := decodeCursor(positions{p, {}, {}, {}}.encode()); payment.CodeOf(err) != payment.CodeInvalidRequest {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, list := range []string{"[{},{},{}]", "[{},{},{},{},{}]", `[{},{},{},{"d":1}]`, "[{},{},{},{}] x"} {
		if _, err := decodeCursor(base64.RawURLEncoding.EncodeToString([]byte(list))); payment.CodeOf(err) != payment.CodeInvalidRequest {
			t.Errorf("%s: %v", list, err)
		}
	}
}
